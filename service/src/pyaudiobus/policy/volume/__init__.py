"""How loud does a new sink or stream begin? A Choice holds gains."""
