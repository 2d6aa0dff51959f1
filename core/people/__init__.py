"""Accounts as their administrators see and change them. Every rule is here, whoever asks.

An administrator is that of a customer, or one of the operator's staff. It reaches users of its own
customer only (the staff, of the one it names), hands on rights and rows that it has itself, and
never touches its own. What it does not have it neither gives nor takes away. Each change writes
what stood and what stands to the audit log, in its own transaction.
"""
