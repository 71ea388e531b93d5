"""Python's ldap3 against the server that the first argument describes."""

import json
import ssl
import sys

import ldap3
from ldap3.core.exceptions import LDAPBindError

at = json.loads(sys.argv[1])
base = at["base"]
people = f"ou=people,{base}"
tls = ldap3.Tls(validate=ssl.CERT_NONE)


def connect(name=at["name"], password=at["password"], **more):
    # It reads the root DSE and the subschema, and parses both.
    server = ldap3.Server(at["url"], get_info=ldap3.ALL, tls=tls)
    connection = ldap3.Connection(server, name, password, **more)
    connection.open()
    assert connection.start_tls(), connection.result
    if not connection.bind():
        raise LDAPBindError(str(connection.result))
    return connection


def expect(connection, code):
    assert connection.result["result"] == code, connection.result


conn = connect()
assert conn.extend.standard.who_am_i() == f"dn:{at['name']}"

# The subschema is understood in whole, and says what entries have.
schema = conn.server.schema
assert schema.attribute_types["telephoneNumber"].equality == ["telephoneNumberMatch"]
assert schema.object_classes["inetOrgPerson"].superior == ["organizationalPerson"]
assert "caseIgnoreMatch" in schema.matching_rules
assert "cn" in schema.matching_rule_uses["2.5.13.2"].apply_to
assert "1.3.6.1.4.1.1466.115.121.1.15" in schema.ldap_syntaxes
info = conn.server.info
assert base in info.naming_contexts and 3 in map(int, info.supported_ldap_versions)
for oid in ["1.2.840.113556.1.4.319", "1.2.840.113556.1.4.473"]:
    assert any(control[0] == oid for control in info.supported_controls), oid

# Typed, in any script; values come as text, times as times, and numbers as they are.
for typed in ["Mü", "mu", "MÜLLER"]:
    assert conn.search(people, f"(sn={typed}*)", attributes=["cn", "createTimestamp"])
    names = {entry.cn.value for entry in conn.entries}
    assert "Jürgen Müller" in names, (typed, names)
    assert conn.entries[0].createTimestamp.value.tzinfo is not None
assert conn.search(people, "(cn=王*)", attributes=ldap3.ALL_ATTRIBUTES)
assert conn.entries[0].telephoneNumber.value == "+49 30 555 205"
assert conn.entries[0].entry_dn == f"uid=wang,{people}"

# A name with a comma, both ways.
assert conn.search(people, "(uid=lopez, ana)", attributes=["cn"])
odd = conn.entries[0].entry_dn
assert conn.search(odd, "(objectClass=*)", ldap3.BASE, attributes=ldap3.ALL_OPERATIONAL_ATTRIBUTES)
assert conn.response[0]["attributes"]["entryDN"] in (odd, [odd]), conn.response

# Pages; and an order that the server makes.
pages = conn.extend.standard.paged_search(people, "(objectClass=person)", paged_size=2)
assert len(list(pages)) == 6
by_surname = ("1.2.840.113556.1.4.473", False, bytes.fromhex("300630040402736e"))
assert conn.search(people, "(sn=*)", attributes=["sn"], controls=[by_surname])
surnames = [entry.sn.value for entry in conn.entries]
assert surnames == ["López", "Mullen", "Müller", "O'Brien", "Owner", "王"], surnames

# Compare, limits, refusals.
anna = f"uid=mueller,{people}"
assert conn.compare(anna, "telephoneNumber", "+49 30 555201")
assert not conn.compare(anna, "sn", "Mullen")
expect(conn, 5)
conn.search(people, "(objectClass=person)", size_limit=2)
expect(conn, 4)
assert len(conn.entries) == 2
conn.search(f"ou=nowhere,{base}", "(objectClass=*)")
expect(conn, 32)
assert conn.result["dn"] == base
conn.modify(anna, {"sn": [(ldap3.MODIFY_REPLACE, ["X"])]})
assert conn.result["result"] in (50, 53), conn.result
conn.delete(anna)
assert conn.result["result"] in (50, 53), conn.result

# Octets, and the schema of Active Directory.
directory = connect(at["directory"]["name"], at["directory"]["password"])
assert directory.search(people, "(sAMAccountName=mueller)", attributes=["objectGUID", "objectSid"])
raw = directory.response[0]["raw_attributes"]
assert len(raw["objectGUID"][0]) == 16
guid = "".join(f"\\{octet:02x}" for octet in raw["objectGUID"][0])
assert directory.search(people, f"(objectGUID={guid})")
assert directory.entries[0].entry_dn == anna

# People change their own password; a wrong one is refused.
person = at["person"]
own = connect(person["name"], person["password"])
assert own.extend.standard.modify_password(None, person["password"], "another-Passphrase-7"), own.result
connect(person["name"], "another-Passphrase-7").unbind()
try:
    connect(person["name"], person["password"])
    raise SystemExit("the old password still works")
except LDAPBindError as error:
    assert "invalidCredentials" in str(error), error
assert own.extend.standard.modify_password(None, "another-Passphrase-7", person["password"]), own.result
# Nobody waits for what was abandoned. This comes last: the thread of an asynchronous connection may
# go on reading after it ended, from a socket that has the same number by then.
waiting = connect(client_strategy=ldap3.ASYNC)
waiting.abandon(waiting.search(base, "(objectClass=*)", attributes=ldap3.ALL_ATTRIBUTES))
_, result = waiting.get_response(waiting.search(base, "(uid=mueller)"))
assert result["result"] == 0, result
waiting.unbind()

print("all is well")
