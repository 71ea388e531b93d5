// npm's ldapts against the server that the first argument describes.

import assert from "node:assert";
import { Client, InvalidCredentialsError, NoSuchObjectError } from "ldapts";

const at = JSON.parse(process.argv[2]);
const people = `ou=people,${at.base}`;

async function connect(name = at.name, password = at.password) {
  const client = new Client({ url: at.url, timeout: 10_000 });
  await client.startTLS({ rejectUnauthorized: false });
  await client.bind(name, password);
  return client;
}

const client = await connect();
const find = async (filter, options = {}) =>
  (await client.search(people, { scope: "sub", filter, attributes: ["cn", "sn"], ...options })).searchEntries;

const typed = await find("(|(cn=mü*)(sn=mü*))");
assert.deepEqual(typed.map((entry) => entry.cn).sort(), ["Jürgen Müller", "Sean Mullen"]);
assert.equal((await find("(cn=王*)"))[0].dn, `uid=wang,${people}`);

// A name with a comma, both ways.
const [odd] = await find("(uid=lopez, ana)");
assert.equal(odd.cn, "Ana López");
const again = await client.search(odd.dn, { scope: "base" });
assert.equal(again.searchEntries[0].uid, "lopez, ana");

assert.equal((await find("(objectClass=person)", { paged: { pageSize: 2 } })).length, 6);
// It takes the end of the limit that it asked for as success.
assert.equal((await find("(objectClass=person)", { sizeLimit: 2 })).length, 2);
assert.equal(await client.compare(`uid=mueller,${people}`, "telephoneNumber", "+4930555201"), true);
assert.equal(await client.compare(`uid=mueller,${people}`, "sn", "Mullen"), false);
await assert.rejects(client.search(`ou=nowhere,${at.base}`), NoSuchObjectError);
await assert.rejects(client.del(`uid=mueller,${people}`));
const who = await client.exop("1.3.6.1.4.1.4203.1.11.3");
assert.equal(who.value, `dn:${at.name}`);

// Octets.
const directory = await connect(at.directory.name, at.directory.password);
const [guid] = (
  await directory.search(people, {
    filter: "(sAMAccountName=mueller)",
    attributes: ["objectGUID"],
    explicitBufferAttributes: ["objectGUID"],
  })
).searchEntries;
assert.equal(guid.objectGUID.length, 16);

const schema = await client.search("cn=subschema", { scope: "base", filter: "(objectClass=subschema)", attributes: ["+"] });
assert.ok(schema.searchEntries[0].attributeTypes.some((type) => type.includes("'telephoneNumber'")));

// Several at once on one connection.
const counts = await Promise.all(["m", "l", "o"].map(async (key) => (await find(`(sn=${key}*)`)).length));
assert.deepEqual(counts, [2, 1, 2]);
await assert.rejects(connect(at.name, "wrong"), InvalidCredentialsError);
await directory.unbind();
await client.unbind();
console.log("all is well");
process.exit(0);
