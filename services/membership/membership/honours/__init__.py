"""Honours: posts, models and stars, from the nomination to the wall and off it again."""
