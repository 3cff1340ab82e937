"""Every organisation that acts in the district."""
