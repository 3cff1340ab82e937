"""Appraisal of members in their zones: rubrics in versions, months, confirmed targets, stars and appeals."""
