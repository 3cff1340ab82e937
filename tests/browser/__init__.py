"""People in front of real browsers, on the real stack."""
