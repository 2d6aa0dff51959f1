"""The offer types: what each is called, its technology, and the fields that it adds to the sheet.

An offer type is a value here: its fields are columns of the import and of the export, lines of
« Détails des abonnements », and nothing else has to know it.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.api import N_, fold
from plugins.commandes.models import Subscription


@dataclass(frozen=True, slots=True)
class OfferField:
    """A field that an offer adds: its key in ``Subscription.facts``, its French label."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A type of offer: its key, its French label, its own fields in the order they are shown."""

    key: str
    label: str
    fields: tuple[OfferField, ...] = ()


RATE = OfferField("debit", N_("Débit"))
RATE_UP = OfferField("debit_montant", N_("Débit montant"))
REPAIR = OfferField("gtr", N_("GTR"))
CLASSES = OfferField("cos", N_("Classes de service"))
ROUTER = OfferField("routeur", N_("Routeur"))
CARRIER = OfferField("support", N_("Support"))
SIM = OfferField("iccid", N_("N° de carte SIM (ICCID)"))
MOBILE = OfferField("reseau", N_("Réseau mobile"))
CHANNELS = OfferField("canaux", N_("Nombre de canaux"))
NUMBERS = OfferField("numeros", N_("Tranche de numéros"))
FIREWALL = OfferField("parefeu", N_("Pare-feu"))
VRF = OfferField("vrf", N_("VRF"))

OFFERS = {
    offer.key: offer
    for offer in (
        Offer("ip-vpn", N_("IP VPN"), (RATE, RATE_UP, REPAIR, CLASSES, ROUTER, CARRIER)),
        Offer("secours-4g", N_("Secours 4G"), (RATE, MOBILE, SIM, ROUTER)),
        Offer("internet", N_("Internet"), (RATE, RATE_UP, REPAIR, FIREWALL, ROUTER)),
        Offer("voix", N_("Trunk SIP"), (CHANNELS, NUMBERS, REPAIR)),
        Offer("coeur", N_("Cœur de réseau"), (VRF, FIREWALL, REPAIR)),
        Offer("autre", N_("Autre")),
    )
}
OTHER = OFFERS["autre"]

EVERY_FIELD = tuple(
    {field.key: field for offer in OFFERS.values() for field in offer.fields}.values()
)
"""The fields of all offers, each once: the columns of a file."""


def offer_of(subscription: Subscription) -> Offer:
    """Return the offer type of a subscription; one that is known no more has no own field."""
    return OFFERS.get(subscription.offer, OTHER)


def find_offer(text: str) -> Offer | None:
    """Return the offer of that key or label, whatever its accents and capitals."""
    wanted = fold(text.strip())
    return next((o for o in OFFERS.values() if wanted in (o.key, fold(o.label))), None)


def subscription_words(one: Subscription) -> str:
    """Return what a search of a subscription looks in, besides its site and company; no secret."""
    parts = (
        one.reference, one.designation, one.technology, one.customer_reference, one.category,
        one.lan_address, one.wan_address, one.radius_login, one.sales_name, one.manager_name,
        *(str(value) for value in (one.facts or {}).values()),
    )  # fmt: skip
    return fold(" ".join(part for part in parts if part))
