"""Linked villages 双联共建, the batches of staff sent there, and what goes over from one to the next."""
