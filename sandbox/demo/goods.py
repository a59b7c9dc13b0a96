"""What the demo shop sells: (category, name, brand, price in minor units, units on the shelf, sizes)."""

CATEGORIES = (("kitchen", "Kitchen"), ("office", "Office"), ("outdoors", "Outdoors"))

GOODS = (
    ("kitchen", "Enamel Mug", "Hearth", 1450, 120, ("White", "Blue")),
    ("kitchen", "Cast Iron Pan", "Hearth", 3900, 40, ("20 cm", "28 cm")),
    ("kitchen", "Bread Knife", "Keen", 2750, 60, ()),
    ("kitchen", "Cutting Board", "Keen", 3200, 35, ()),
    ("kitchen", "Pepper Mill", "Hearth", 2600, 50, ()),
    ("kitchen", "Tea Kettle", "Hearth", 4800, 25, ("Steel", "Red")),
    ("kitchen", "Linen Towel", "Loom", 1200, 200, ("Grey", "Green")),
    ("kitchen", "Storage Jar", "Hearth", 990, 150, ("0.5 l", "1 l")),
    ("office", "Desk Lamp", "Lumen", 5900, 30, ("Black", "Brass")),
    ("office", "Fountain Pen", "Quill", 3400, 45, ("Fine", "Medium")),
    ("office", "Notebook", "Quill", 1150, 300, ("Lined", "Plain")),
    ("office", "Pen Tray", "Quill", 1800, 70, ()),
    ("office", "Desk Clock", "Lumen", 4200, 20, ()),
    ("office", "Letter Opener", "Keen", 1600, 80, ()),
    ("office", "Document Box", "Quill", 2100, 65, ("A4", "A5")),
    ("office", "Felt Desk Mat", "Loom", 3300, 55, ("Grey", "Navy")),
    ("outdoors", "Day Pack", "Trail", 7900, 25, ("18 l", "24 l")),
    ("outdoors", "Camp Stove", "Trail", 6500, 18, ()),
    ("outdoors", "Water Bottle", "Trail", 2200, 140, ("0.7 l", "1 l")),
    ("outdoors", "Wool Blanket", "Loom", 8900, 15, ("Red", "Grey")),
    ("outdoors", "Head Torch", "Lumen", 3700, 60, ()),
    ("outdoors", "Pocket Knife", "Keen", 4100, 38, ()),
    ("outdoors", "Picnic Set", "Hearth", 5400, 22, ()),
    ("outdoors", "Rain Cover", "Trail", 2900, 75, ("Small", "Large")),
)
