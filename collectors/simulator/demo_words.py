"""The names of the demo: lists, and nothing else."""

from __future__ import annotations

ZONES = {
    "971": "America/Guadeloupe",
    "972": "America/Martinique",
    "973": "America/Cayenne",
    "974": "Indian/Reunion",
    "976": "Indian/Mayotte",
}

CAUSSES_COMPANIES = (
    "Causses Agroalimentaire",
    "Causses Laiterie SAS",
    "Causses Logistique et Entrepôts Frigorifiques du Sud Aveyron",
)

_Links = tuple[tuple[str, str], ...]


def _c(number: int, *offers: str) -> _Links:
    """Links of one number: -001 is the main one, -002 its backup."""
    return tuple((f"C7278-{number:05}-{i:03}", offer) for i, offer in enumerate(offers, 1))


CAUSSES: tuple[tuple[int, str, str, str, tuple[_Links, ...]], ...] = (
    (0, "Siège social", "Rodez", "office", (
        (("C7278-00001-001", "FTTO 1G"), ("C7278-00002-001", "FTTO 200M")), _c(5, "FTTH 300M"))),
    (0, "Usine des Causses", "Villefranche-de-Rouergue", "plant", (
        (("C7278-00003-001", "FTTO 200M"), ("C7278-00004-001", "SDSL 8M")),)),
    (2, "Plateforme logistique et entrepôt froid nord", "Millau", "plant", (
        (("C7278-00006-001", "FTTO 200M"), ("C7278-00007-001", "SDSL 8M")),)),
    (0, "Agence Lot", "Cahors", "office", (_c(8, "SDSL 8M", "4G 50M"),)),
    (1, "Laiterie de Mende", "Mende", "plant", (_c(9, "FTTO 100M"),)),
    (0, "Atelier de salaison", "Decazeville", "plant", (_c(10, "FTTO 100M"),)),
    (0, "Abattoir de la Sorgue", "Saint-Affrique", "plant", (_c(11, "FTTH 300M", "4G 50M"),)),
    (1, "Cave d’affinage", "Roquefort-sur-Soulzon", "plant", (_c(12, "FTTH 300M", "4G 50M"),)),
    (1, "Fromagerie de l’Aubrac", "Laguiole", "plant", (_c(13, "SDSL 4M"),)),
    (1, "Laiterie de Sévérac", "Sévérac d'Aveyron", "plant", (_c(14, "FTTO 100M"),)),
    (2, "Entrepôt Est", "Marvejols", "plant", (_c(15, "FTTO 100M"),)),
    (0, "Coopérative du Causse de Gramat", "Gramat", "office", (_c(16, "SDSL 8M"),)),
    (0, "Agence Gévaudan", "Saint-Chély-d'Apcher", "office", (_c(17, "FTTO 100M"),)),
    (2, "Silo du Ségala", "Baraqueville", "plant", (_c(18, "SDSL 2M"),)),
    (0, "Magasin d’usine", "Figeac", "shop", (_c(19, "SDSL 4M"),)),
    (2, "Quai de chargement ouest", "Capdenac-Gare", "plant", (_c(20, "FTTH 300M", "4G 50M"),)),
    (0, "Centre de tri des semences", "Espalion", "office", (_c(21, "FTTH 300M"),)),
    (0, "Dépôt saisonnier", "Florac Trois Rivières", "shop", (_c(22, "4G 30M"),)),
    (1, "Point de collecte", "Nasbinals", "office", (_c(23, "SDSL 2M"),)),
    (0, "Boutique de la Dordogne", "Souillac", "shop", (_c(24, "FTTH 300M", "4G 50M"),)),
    (1, "Station de séchage", "Langogne", "plant", (_c(25, "SDSL 4M"),)),
    (0, "Agence Aveyron", "Luc-la-Primaube", "office", (_c(26, "FTTO 100M"),)),
    (1, "Laboratoire de contrôle", "Réquista", "office", (_c(27, "SDSL 2M"),)),
)  # fmt: skip
"""Company, site, commune, profile of traffic, services; a service is main and, maybe, backup."""

LITTORAL_COMPANIES = (
    "Santé Littoral",
    "Littoral Résidences Médicalisées",
    "Laboratoires de Biologie du Littoral",
)
LITTORAL_KINDS = {"Clinique": 0, "Résidence": 1, "Laboratoire": 2}
_CLINIC, _HOME, _LAB = LITTORAL_KINDS
LITTORAL: tuple[tuple[str, str, str | None], ...] = (
    ("Dunkerque", _CLINIC, "59"), ("Calais", _HOME, "62"), ("Boulogne-sur-Mer", _CLINIC, "62"),
    ("Dieppe", _HOME, "76"), ("Fécamp", _LAB, "76"), ("Le Havre", _CLINIC, "76"),
    ("Cherbourg-en-Cotentin", _HOME, "50"), ("Granville", _LAB, "50"), ("Dinard", _HOME, "35"),
    ("Saint-Malo", _CLINIC, "35"), ("Saint-Brieuc", _HOME, "22"), ("Paimpol", _LAB, "22"),
    ("Perros-Guirec", _HOME, "22"), ("Morlaix", _LAB, "29"), ("Brest", _CLINIC, "29"),
    ("Douarnenez", _HOME, "29"), ("Concarneau", _LAB, "29"), ("Lorient", _CLINIC, "56"),
    ("Quiberon", _HOME, "56"), ("Vannes", _LAB, "56"), ("Saint-Nazaire", _CLINIC, "44"),
    ("Pornic", _HOME, "44"), ("Les Sables-d'Olonne", _HOME, "85"), ("La Rochelle", _CLINIC, "17"),
    ("Royan", _LAB, "17"), ("Arcachon", _HOME, "33"), ("Biarritz", _CLINIC, "64"),
    ("Saint-Jean-de-Luz", _HOME, "64"), ("Narbonne", _LAB, "11"), ("Agde", _HOME, "34"),
    ("Sète", _CLINIC, "34"), ("Martigues", _LAB, "13"), ("La Ciotat", _HOME, "13"),
    ("Toulon", _CLINIC, "83"), ("Hyères", _HOME, "83"), ("Fréjus", _LAB, "83"),
    ("Cannes", _HOME, "06"), ("Antibes", _CLINIC, "06"), ("Menton", _LAB, "06"),
    ("Bastia", _CLINIC, "2B"), ("Ajaccio", _HOME, "2A"), ("Calvi", _LAB, "2B"),
)  # fmt: skip

HEXAGONE_COMPANIES = (
    "Mobilier Hexagone",
    "Mobilier Hexagone Distribution Île-de-France, Normandie et Grand Ouest",
    "Hexagone Logistique et Livraison à Domicile",
    "Hexagone Outre-Mer",
)
HEXAGONE_REGION = {
    "14", "22", "27", "29", "35", "44", "49", "50", "53", "56", "61", "72", "75", "76", "77", "78",
    "85", "91", "92", "93", "94", "95",
}  # fmt: skip
HEXAGONE_NAMED = (
    ("Siège Mobilier Hexagone", "Nanterre"), ("Magasin Lille Centre", "Lille"),
    ("Magasin Rennes Cesson", "Cesson-Sévigné"), ("Magasin Bordeaux Lac", "Bordeaux"),
    ("Magasin Toulouse Labège", "Labège"), ("Magasin Strasbourg Vendenheim", "Vendenheim"),
    ("Magasin Perpignan", "Perpignan"), ("Magasin Bayonne", "Bayonne"),
    ("Magasin Brest Iroise", "Brest"), ("Magasin Nice Lingostière", "Nice"),
    ("Magasin Limoges Nord", "Limoges"), ("Magasin Clermont Nord", "Clermont-Ferrand"),
    ("Magasin Aix Les Milles", "Aix-en-Provence"), ("Showroom Boulogne", "Boulogne-Billancourt"),
    ("Entrepôt Rhône", "Saint-Priest"), ("Dépôt Lannion", "Lannion"),
    ("Plateforme de livraison et de montage à domicile Grand Est", "Metz"),
    ("Entrepôt Île-de-France", "Melun"),
)  # fmt: skip
HEXAGONE_TROUBLES = {
    "Magasin Limoges Nord": "down",
    "Magasin Perpignan": "down",
    "Magasin Clermont Nord": "backup down",
    "Showroom Boulogne": "backup main down",
    "Magasin Aix Les Milles": "flapping",
    "Dépôt Lannion": "silent",
    "Magasin Brest Iroise": "silent",
}
SHOP_NAMES = (
    "Magasin {}", "Magasin {} Centre", "Cuisines et Literie {}", "Magasin {} Nord",
    "Espace Salon et Décoration {}", "Magasin {}", "Showroom {}", "Magasin {} Sud",
    "Magasin {} Zone d’activités", "Point de retrait {}",
)  # fmt: skip

STREETS = (
    "rue de la République", "avenue Jean-Jaurès", "zone artisanale des Prés", "rue Pasteur",
    "boulevard de la Gare", "avenue de l’Europe", "rue des Écoles", "route de Paris",
    "rue du Général-de-Gaulle", "parc d’activités du Lac", "place du Marché", "rue Victor-Hugo",
    "chemin des Chênes", "rue de l’Industrie", "avenue du 8-Mai-1945", "quai de la Liberté",
)  # fmt: skip
FIRST_NAMES = (
    "Camille", "Julien", "Élodie", "Mathieu", "Sophie", "Nicolas", "Aurélie", "Thomas", "Inès",
    "François", "Maëlle", "Yann", "Fatima", "Hélène", "Loïc", "Karim", "Anaïs", "Rémi", "Noémie",
)  # fmt: skip
LAST_NAMES = (
    "Fabre", "Delmas", "Rouquette", "Le Goff", "Cazals", "Benali", "Moreau", "Lefèvre", "Payet",
    "Santoni", "Garnier", "Bouvier", "Hoarau", "Kerbrat", "Schmitt", "Lacombe", "Girard", "Roux",
)  # fmt: skip
FICTION_NUMBERS = ("01 99 00", "02 61 91", "03 53 01", "04 65 71", "05 36 49", "06 39 98")

PEOPLE = {
    "causses.example": {
        "admin": "Bernard Cazals", "technique": "Claire Vidal", "compta": "Monique Delmas",
        "site": "Rémi Rouquette",
    },
    "littoral.example": {
        "admin": "Anne Le Goff", "technique": "Yann Kerbrat", "compta": "Hélène Santoni",
        "site": "Maëlle Garnier",
    },
    "hexagone.example": {
        "admin": "Philippe Moreau", "technique": "Karim Benali", "compta": "Sophie Lefèvre",
        "site": "Thomas Schmitt",
    },
    "operateur.example": {"noc": "Salle de supervision", "admin": "Nathalie Girard"},
}  # fmt: skip
