// A purchase by the generated TypeScript client. Words: API, Stripe, publishable key, SKU. Prints the order's id.
import createClient from "openapi-fetch";
import type { components, paths } from "./backroom.js";

type Checkout = components["schemas"]["Checkout"];
type Order = components["schemas"]["Order"];

declare const process: { argv: string[] };
const [api, stripe, publishableKey, sku] = process.argv.slice(2) as [string, string, string, string];
const client = createClient<paths>({ baseUrl: api });

async function register(): Promise<void> {
  const body = {
    email: `buyer-${crypto.randomUUID()}@example.com`,
    password: crypto.randomUUID(),
    full_name: "Tess Typed",
  };
  const { data, error } = await client.POST("/v1/auth/register", { body });
  if (error) throw new Error(error.detail);
  client.use({
    onRequest({ request }) {
      request.headers.set("Authorization", `Bearer ${data.access_token}`);
      return request;
    },
  });
}

async function checkOut(): Promise<Checkout> {
  const added = await client.POST("/v1/cart/items", { body: { sku, quantity: 2 } });
  if (added.error) throw new Error(added.error.detail);
  const { data, error } = await client.POST("/v1/checkout", {
    params: { header: { "Idempotency-Key": crypto.randomUUID() } },
    body: {
      shipping_address: { name: "Tess Typed", line1: "1 Main Street", city: "Springfield", country: "US" },
      shipping_method: "standard",
      payment_flow: "payment_intent",
      expected_total: added.data.totals.total,
    },
  });
  if (error) throw new Error(error.detail);
  return data;
}

async function secretOf(paymentId: string): Promise<string | null> {
  const { data, error } = await client.GET("/v1/payments/{payment_id}", {
    params: { path: { payment_id: paymentId } },
  });
  if (error) throw new Error(error.detail);
  return data.client_secret;
}

async function paid(orderId: string): Promise<Order | null> {
  const { data, error } = await client.GET("/v1/orders/{id_or_number}", {
    params: { path: { id_or_number: orderId } },
  });
  if (error) throw new Error(error.detail);
  return data.payment_status === "paid" ? data : null;
}

/** What a card form does in the buyer's browser. */
async function payByCard(secret: string): Promise<void> {
  const intent = secret.split("_secret_")[0];
  const answer = await fetch(`${stripe}/v1/payment_intents/${intent}/confirm`, {
    method: "POST",
    headers: { Authorization: `Bearer ${publishableKey}` },
    body: new URLSearchParams({ client_secret: secret, payment_method: "pm_card_visa" }),
  });
  if (!answer.ok) throw new Error(await answer.text());
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

await register();
const { order, payment } = await checkOut();
await payByCard(await awaited(() => secretOf(payment.id)));
console.log((await awaited(() => paid(order.id))).id);
