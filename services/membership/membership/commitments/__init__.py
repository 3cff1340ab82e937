"""What owners of enterprises have promised for joint work, dated and withdrawable."""
