"""How the console writes dates where Django's own way misleads: a month in figures that half of the world reads as a
day, or, in Hindi, hours that do not tell morning from evening. Spanish and French are good as they are."""
