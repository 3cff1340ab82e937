"""The runtime that every service is made of: plain functions and dataclasses, no framework.

The chassis knows transactions, events, tokens and clocks; it knows no noun of the district.
"""
