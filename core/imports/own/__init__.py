"""The datasets that every installation has, in the order in which a back office feeds them."""

from core.imports.own.devices import DEVICES
from core.imports.own.links import LINKS
from core.imports.own.parties import COMPANIES, CONTACTS, CUSTOMERS
from core.imports.own.sites import SITES

DATASETS = (CUSTOMERS, COMPANIES, SITES, CONTACTS, DEVICES, LINKS)
