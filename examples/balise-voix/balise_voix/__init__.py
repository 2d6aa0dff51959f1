"""« Voix », a rubric of Balise."""
