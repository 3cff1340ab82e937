"""The overview: indicators 15 and 28–33 for a building, a sub-district, a superior or the district."""
