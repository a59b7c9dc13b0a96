"""Made-up listings, as many as wanted, written by PostgreSQL itself; and questions that a shop is asked.

They hang in the air: there are no products behind them. Categories are a tree of three levels of ten, a name
tells the second one, and each first one has its own range of prices, as in a real shop. Popularity and brands
are skewed: few have much.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import md5
from uuid import UUID

import psycopg
from psycopg import sql
from sqlalchemy import Connection, text

ADJECTIVES = (
    "red blue green black white small large tiny huge modern classic vintage soft hard warm cool"
    " bright dark light heavy smart simple elegant rustic royal urban country outdoor indoor portable"
    " foldable compact wide slim round square deluxe basic premium natural"
)
MATERIALS = (
    "oak pine steel cotton linen leather glass plastic rubber bamboo marble granite wool silk copper"
    " brass iron paper cork clay ceramic titanium carbon nylon velvet denim canvas stone walnut maple"
)
NOUNS = (
    "chair table lamp sofa bed desk shelf mirror rug clock vase bowl plate cup knife fork spoon pan"
    " pot kettle toaster blender mixer oven stove fridge freezer washer dryer heater phone tablet"
    " laptop monitor keyboard mouse speaker headphones camera tripod lens drone printer scanner"
    " router cable charger battery bag backpack wallet belt hat scarf glove sock shoe boot sandal"
    " shirt blouse jacket coat dress skirt jeans shorts sweater hoodie vest ring necklace bracelet"
    " earring watch sunglasses umbrella tent hammock cooler bike helmet skate ball racket net bat"
    " towel soap brush comb razor perfume lotion cream mask pillow blanket sheet curtain"
)
_INDEXES = """
    SELECT indexname, indexdef FROM pg_indexes
    WHERE tablename = 'listings' AND indexname LIKE 'ix%' AND schemaname = current_schema()
"""
_CATEGORIES = text("""
    INSERT INTO categories (id, parent_id, slug, path, name)
    SELECT md5('top ' || n)::uuid, NULL, 'top-' || n, 'top-' || n, 'Top ' || n FROM generate_series(0, 9) n
    UNION ALL
    SELECT md5('middle ' || n)::uuid, md5('top ' || n / 10)::uuid, 'middle-' || n,
      'top-' || n / 10 || '/middle-' || n, 'Middle ' || n
    FROM generate_series(0, 99) n
    UNION ALL
    SELECT md5('leaf ' || n || '-' || m)::uuid, md5('middle ' || n)::uuid, 'leaf-' || n || '-' || m,
      'top-' || n / 10 || '/middle-' || n || '/leaf-' || n || '-' || m, 'Leaf ' || n || '-' || m
    FROM generate_series(0, 99) n, generate_series(0, 9) m
""")
_WORDS = text("""
    INSERT INTO search_words
    SELECT DISTINCT word
    FROM unnest(string_to_array(CAST(:words AS text), ' ')) AS word
""")
_ROWS = text("""
    INSERT INTO listings (product_id, slug, name, sort_name, brand, seller_id, category_id, category_ids,
      featured, currency, lowest_amount, highest_amount, available, created_at, popularity, tier,
      rating_average, rating_count, facts, document)
    SELECT uuidv7(), 'made-' || n, name, name, brand, seller, leaf, ARRAY[top, middle, leaf], n % 97 = 0,
      'USD', price, price + 250, n % 10 <> 3, now() - n * interval '1 minute', popularity,
      CASE WHEN place <= 1000 THEN 0 WHEN place <= 5000 THEN 1 WHEN place <= 25000 THEN 2
        WHEN place <= 125000 THEN 3 WHEN place <= 500000 THEN 4 ELSE 5 END,
      CASE WHEN n % 3 = 0 THEN (100 + n * 7919 % 401) / 100.0 ELSE 0 END,
      CASE WHEN n % 3 = 0 THEN 5 ELSE 0 END,
      ARRAY['s:' || seller, 'b:' || brand, 'a:color=' || adjectives[1 + n / 7 % 10], 'a:size=' || n / 11 % 40,
        'c:' || top, 'c:' || middle, 'c:' || leaf]
        || CASE WHEN n % 97 = 0 THEN ARRAY['featured'] ELSE '{}' END,
      setweight(to_tsvector('english', name), 'A') || setweight(to_tsvector('simple', name), 'A')
        || setweight(to_tsvector('simple', brand || ' made-' || n), 'B')
        || strip(to_tsvector('english', concat_ws(' ', 'Made to be used every day by people who love',
          materials[1 + n % 30], 'and', nouns[1 + n * 13 % 100], '. Two years of warranty, free shipping.',
          'A gift for', nouns[1 + n * 29 % 100], 'lovers.')))
    FROM (
      SELECT *, 'Brand ' || brand_number AS brand, md5('seller ' || n % 200)::uuid AS seller,
        md5('top ' || noun / 10)::uuid AS top, md5('middle ' || noun)::uuid AS middle,
        md5('leaf ' || noun || '-' || n % 10)::uuid AS leaf,
        adjectives[1 + n * 3 % 40] || ' ' || materials[1 + n / 40 % 30] || ' ' || nouns[1 + noun] AS name,
        noun / 10 * 2000 + 500 + n * 37 % 1900 AS price,
        row_number() OVER (ORDER BY popularity DESC, n) AS place
      FROM (
        SELECT n, floor(100 * power(random(), 2))::int AS noun,
          floor(500 * power(random(), 2))::int AS brand_number,
          (CASE WHEN n % 5 = 0 THEN 1000000 / (1 + n * 7919 % 1000000) ELSE 0 END)::int AS popularity
        FROM generate_series(1, CAST(:count AS bigint)) n
      ) drawn,
      (SELECT string_to_array(:adjectives, ' ') AS adjectives, string_to_array(:materials, ' ') AS materials,
        string_to_array(:nouns, ' ') AS nouns) words
    ) known
""")


@contextmanager
def indexed_afterwards(connection: psycopg.Connection) -> Iterator[None]:
    """Take the indexes off the listings while the block fills them: what is built at once is built sooner."""
    indexes = connection.execute(_INDEXES).fetchall()
    for name, _ in indexes:
        connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
    yield
    for _, definition in indexes:
        connection.execute(sql.SQL(definition))


def make_listings(connection: Connection, count: int) -> None:
    """Write so many listings in the connection's transaction, and have the planner know of them.

    Needs a superuser, who may leave foreign keys open: there are no products.
    """
    connection.execute(text("SET LOCAL session_replication_role = replica"))
    connection.execute(text("SELECT setseed(0.5)"))
    words = {"adjectives": ADJECTIVES, "materials": MATERIALS, "nouns": NOUNS}
    connection.execute(_CATEGORIES)
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise TypeError("Listings are made up through psycopg.")
    with indexed_afterwards(driver):
        connection.execute(_ROWS, {"count": count, **words})
    connection.execute(_WORDS, {"words": " ".join(words.values())})
    connection.execute(text("ANALYZE listings, categories, search_words"))


def made_up(name: str) -> UUID:
    """The id of what was made up by this name: `top 0` to `9`, `middle 0` to `99`, `leaf 7-3`, `seller 1`."""
    return UUID(md5(name.encode(), usedforsecurity=False).hexdigest())
