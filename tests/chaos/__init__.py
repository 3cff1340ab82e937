"""The promises of Louyu, each held against real processes that are killed, flooded and lied to."""
