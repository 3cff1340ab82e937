"""The registry of enterprises: who is on which floor, and what the last survey found."""
