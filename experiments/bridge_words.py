"""The terms of the bridge of green revenue in words, in the order of telling; the two totals carry their years."""

TERMS = {
    "base": ("", ""),
    "price": ("价格", "Prices"),
    "market": ("市场", "Markets"),
    "conversion": ("转产", "Conversion"),
    "capacity": ("扩产", "Capacity"),
    "entry": ("新设", "Entry"),
    "relocation": ("迁入", "Moved in"),
    "exit": ("退出", "Exit"),
    "retrofit_demand": ("改造需求", "Retrofit demand"),
    "by_products": ("副产物", "By-products"),
    "target": ("", ""),
}
