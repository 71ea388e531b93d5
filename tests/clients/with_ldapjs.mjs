// npm's ldapjs against the server that the first argument describes.

import assert from "node:assert";
import { promisify } from "node:util";
import ldap from "ldapjs";

const at = JSON.parse(process.argv[2]);
const people = `ou=people,${at.base}`;

async function connect(name = at.name, password = at.password) {
  const client = ldap.createClient({ url: at.url, timeout: 10_000 });
  await promisify(client.starttls).call(client, { rejectUnauthorized: false }, null);
  await promisify(client.bind).call(client, name, password);
  return client;
}

function search(client, base, options, controls = []) {
  return new Promise((resolve, reject) => {
    client.search(base, { scope: "sub", ...options }, controls, (error, found) => {
      if (error) return reject(error);
      const entries = [];
      found.on("searchEntry", (entry) => entries.push(entry));
      found.on("error", reject);
      found.on("end", () => resolve(entries));
    });
  });
}

const values = (entry, type) => entry.attributes.find((it) => it.type === type)?.values;
const client = await connect();
const find = (filter, options = {}, controls = []) => search(client, people, { filter, ...options }, controls);

// In pieces of text it writes what is not ASCII by codes that it does not undo: type without.
const typed = await find("(|(cn=mu*)(sn=mu*))", { attributes: ["cn"] });
assert.equal((await find("(cn=jürgen müller)")).length, 1);
assert.deepEqual(typed.map((entry) => values(entry, "cn")[0]).sort(), ["Jürgen Müller", "Sean Mullen"]);

// A name with a comma, both ways.
const [odd] = await find("(uid=lopez, ana)", { attributes: ["cn"] });
assert.equal(values(odd, "cn")[0], "Ana López");
assert.equal((await search(client, odd.dn.toString(), { scope: "base" })).length, 1);

assert.equal((await find("(objectClass=person)", { paged: { pageSize: 2 } })).length, 6);
const sort = new ldap.ServerSideSortingRequestControl({ value: { attributeType: "sn", reverseOrder: true } });
const ordered = await find("(sn=*)", { attributes: ["sn"] }, [sort]);
assert.deepEqual(ordered.map((entry) => values(entry, "sn")[0]), ["王", "Owner", "O'Brien", "Müller", "Mullen", "López"]);

const compare = promisify(client.compare).bind(client);
assert.equal(await compare(`uid=mueller,${people}`, "telephoneNumber", "+4930555201"), true);
assert.equal(await compare(`uid=mueller,${people}`, "sn", "Mullen"), false);
await assert.rejects(find("(objectClass=person)", { sizeLimit: 2 }), ldap.SizeLimitExceededError);
await assert.rejects(search(client, `ou=nowhere,${at.base}`, {}), ldap.NoSuchObjectError);
await assert.rejects(promisify(client.del).call(client, `uid=mueller,${people}`));
const [who] = await new Promise((resolve, reject) =>
  client.exop("1.3.6.1.4.1.4203.1.11.3", (error, value) => (error ? reject(error) : resolve([value]))),
);
assert.equal(who, `dn:${at.name}`);

// Octets.
const directory = await connect(at.directory.name, at.directory.password);
const [guid] = await search(directory, people, { filter: "(sAMAccountName=mueller)", attributes: ["objectGUID"] });
assert.equal(guid.attributes[0].buffers[0].length, 16);
await assert.rejects(connect(at.name, "wrong"), ldap.InvalidCredentialsError);
console.log("all is well");
process.exit(0);
