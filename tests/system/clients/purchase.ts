// A guest's purchase on the hosted page, by the generated TypeScript client. Words: API, SKU. Prints the order's id.
import createClient from "openapi-fetch";
import type { components, paths } from "./backroom.js";

type Cart = components["schemas"]["Cart"];
type Checkout = components["schemas"]["Checkout"];
type Order = components["schemas"]["Order"];

declare const process: { argv: string[] };
const [api, sku] = process.argv.slice(2) as [string, string];
const client = createClient<paths>({ baseUrl: api });

/** The first article in a guest's cart brings the token that opens all of it later on. */
async function fillCart(): Promise<Cart> {
  const { data, error, response } = await client.POST("/v1/cart/items", { body: { sku, quantity: 2 } });
  if (error) throw new Error(error.detail);
  const token = response.headers.get("X-Cart-Token");
  if (token === null) throw new Error("there is no token");
  client.use({
    onRequest({ request }) {
      request.headers.set("X-Cart-Token", token);
      return request;
    },
  });
  return data;
}

async function checkOut(cart: Cart): Promise<Checkout> {
  const { data, error } = await client.POST("/v1/checkout", {
    params: { header: { "Idempotency-Key": crypto.randomUUID() } },
    body: {
      email: `guest-${crypto.randomUUID()}@example.com`,
      shipping_address: { name: "Tess Typed", line1: "1 Main Street", city: "Springfield", country: "US" },
      shipping_method: "standard",
      payment_flow: "checkout_session",
      expected_total: cart.totals.total,
    },
  });
  if (error) throw new Error(error.detail);
  return data;
}

async function pageOf(paymentId: string): Promise<string | null> {
  const { data, error } = await client.GET("/v1/payments/{payment_id}", {
    params: { path: { payment_id: paymentId } },
  });
  if (error) throw new Error(error.detail);
  return data.redirect_url;
}

async function paid(orderId: string): Promise<Order | null> {
  const { data, error } = await client.GET("/v1/orders/{id_or_number}", {
    params: { path: { id_or_number: orderId } },
  });
  if (error) throw new Error(error.detail);
  return data.payment_status === "paid" ? data : null;
}

/** What the buyer does on the hosted page. */
async function payOnPage(page: string): Promise<void> {
  const card = new URLSearchParams({ number: "4242424242424242", expiry: "12/34", cvc: "123" });
  const answer = await fetch(page, { method: "POST", body: card, redirect: "manual" });
  if (answer.status !== 303) throw new Error(await answer.text());
}

async function awaited<Found>(look: () => Promise<Found | null>): Promise<Found> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    if (Date.now() > deadline) throw new Error("it did not come within a minute");
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

const { order, payment } = await checkOut(await fillCart());
if (payment === null) throw new Error("there is something to pay");
await payOnPage(await awaited(() => pageOf(payment.id)));
console.log((await awaited(() => paid(order.id))).id);
