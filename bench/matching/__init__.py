"""What ``bench.match`` measures with: texts, rules made of their words, and the peers."""
