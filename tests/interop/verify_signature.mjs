// Verifies an anonymous signature with WebCrypto and the parameters of ReplayWeb.page: node verify_signature.mjs SIGNED.json
// Prints true or false.
import { readFileSync } from "node:fs";
import { webcrypto } from "node:crypto";

const signed = JSON.parse(readFileSync(process.argv[2]));
const bytes = (text) => Buffer.from(text, "base64");
const curve = { name: "ECDSA", namedCurve: "P-384" };
const key = await webcrypto.subtle.importKey("spki", bytes(signed.publicKey), curve, true, ["verify"]);
const how = { name: "ECDSA", hash: "SHA-256" };
const data = new TextEncoder().encode(signed.hash);
console.log(await webcrypto.subtle.verify(how, key, bytes(signed.signature), data));
