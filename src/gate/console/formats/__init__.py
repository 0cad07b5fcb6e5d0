"""How the console writes dates: the same way everywhere, so that they sort and copy well. Times are UTC."""
