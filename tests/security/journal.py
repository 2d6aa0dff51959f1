"""What the callbacks and routes of the journal and of customers are asked in the tests."""

SEARCHES = ["?objet=@", "?qui=@&vue=agir", "?ligne=1&client=1", "?client=2&ligne=2"]
PARTS = {"customer_id": "1"}
VALUES = {
    "customers-new.data": [{"name": "@", "number": "@", "timezone": "Europe/Paris", "press": 1}],
    "customers-change.data": [
        {"do": what, "press": 1} for what in ("disable", "rubrics", "change")
    ],
    "customers-rubrics.value": [["supervision"]],
    "customers-id.data": [1],
}
