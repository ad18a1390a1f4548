"""What becomes of a stream beside others? A Choice holds mix, duck, cork or pause."""
