"""Reading by what the shop prices."""
