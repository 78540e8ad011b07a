"""How fast Laurel is, in ratios that hold on any machine: `make bench`."""
