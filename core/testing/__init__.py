"""For tests, rubric authors' included: an installation with two tenants that must not meet."""
