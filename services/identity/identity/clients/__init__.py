"""Programs of departments that call Louyu by themselves."""
