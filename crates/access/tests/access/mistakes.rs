//! Each mistake in a catalogue is found, at its place, and all of them at once.

use jackfield_access::Catalogue;

use crate::table::{Custom, OPBX, PBX_IM, PBX_STATS, TENANT, catalogue, edit};

#[test]
fn the_shipped_catalogues_have_no_mistakes_and_survive_a_round_trip() {
    for text in [OPBX, PBX_STATS, PBX_IM, TENANT] {
        let catalogue = catalogue(text);
        assert_eq!(catalogue.validate(), []);
        let written = toml::to_string(&catalogue).unwrap();
        assert_eq!(toml::from_str::<Catalogue>(&written).unwrap(), catalogue);
    }
}

#[test]
fn each_mistake_is_found_at_its_place() {
    check(
        OPBX,
        r#"
replace  key = "opbx"
by       key = "OPBX"
finds    key: bad catalogue name `OPBX`
expects  lower-case letters, digits and single hyphens

replace  ["view"], own = ["view"] }
by       ["view"], own = ["view", "hear"] }
finds    areas.call-history.own[1]: unknown action `hear`
expects  `view`

replace  "make", "receive"
by       "make", "make", "receive"
finds    areas.calls.actions[1]: action `make` comes twice

replace  baseline = "pbx_user"
by       baseline = "user"
finds    holding.baseline: unknown role `user`
expects  one of `owner`, `pbx_admin`, `pbx_user`, `reporter`

replace  baseline = "pbx_user"
finds    holding.baseline: there is no baseline role, yet everybody holds one role
expects  one of `owner`, `pbx_admin`, `pbx_user`, `reporter`

replace  built_in = "one"
by       built_in = "none"
finds    holding.built_in: nobody could hold a built-in role
expects  `one` or `any`

replace  seats = ["pbx_user"
by       seats = ["reporter"
finds    holding.seats[1]: role `reporter` comes twice

replace  edit_own_profile = "profile:edit"
by       edit_own_profile = "profile:view"
finds    needs.edit_own_profile: no permission is `profile:view`
expects  `profile:edit`

replace  view_user = "users:view"
by       view_user = "people:view"
finds    needs.view_user: no permission is `people:view`
expects  an area or special: one of `call-history`, `calls`, `cloudonix`, `extensions`, `ivr`, `organization`, `profile`, `reports`, `ring-groups`, `settings`, `users`, `voicemail`

replace  keep_holder = ["owner"]
by       keep_holder = ["owner", "boss"]
finds    rules.keep_holder[1]: unknown role `boss`
expects  one of `owner`, `pbx_admin`, `pbx_user`, `reporter`

replace  to = "pbx_admin"
by       to = "admin"
finds    rules.forbidden_transitions[0].to: unknown role `admin`
expects  one of `owner`, `pbx_admin`, `pbx_user`, `reporter`

replace  to = "pbx_admin"
by       to = "reporter"
finds    rules.forbidden_transitions[0]: a transition is between two roles

replace  min_length = 8
by       min_length = 0
finds    password.min_length: `0` characters
expects  1 to 128

replace  lifetime_days = 7
by       lifetime_days = 0
finds    invite.lifetime_days: `0` days
expects  1 to 365

replace  rank = 40
finds    role.owner.rank: role `owner` has no rank
expects  a number; the highest wins where one role must

replace  rank = 10
by       rank = 20
finds    role.reporter.rank: rank `20` is that of role `pbx_user`, too

replace  title = "Reporter"
by       title = "pbx  user"
finds    role.reporter.title: title `pbx  user` is that of role `pbx_user`, too

replace  "ivr:*"
by       "ivr:delete"
finds    role.pbx_admin.permissions[10]: no permission is `ivr:delete`
expects  one of `ivr:edit`, `ivr:view`

replace  "ivr:*"
by       "ivr"
finds    role.pbx_admin.permissions[10]: `ivr` is not a permission
expects  `area:action`, `area:action:own` or `*`

replace  manages = ["pbx_user", "reporter"]
by       manages = ["pbx_user", "user"]
finds    role.pbx_admin.manages[1]: unknown role `user`
expects  one of `*`, `owner`, `pbx_admin`, `pbx_user`, `reporter`

replace  manages = ["*"]
by       manages = ["pbx_admin"]
finds    rules.keep_holder[0]: role `owner` must keep a holder, but nobody can assign it
expects  `owner` in `assigns` of a role that has `users:change-role`
"#,
    );
}

#[test]
fn a_role_that_nobody_can_assign_is_found() {
    check(
        OPBX,
        r#"
replace  manages = ["*"]
by       manages = ["owner", "pbx_user", "reporter"]
finds    role.pbx_admin: role `pbx_admin` can be assigned by nobody
expects  `pbx_admin` in `assigns` or `manages` of a role that has `users:change-role`
"#,
    );
}

#[test]
fn a_rule_that_can_lock_everybody_out_is_found() {
    check(
        OPBX,
        r#"
replace  keep_holder = ["owner"]
by       keep_holder = []
finds    rules.keep_holder: everybody can be locked out: no role that must keep a holder can appoint another
expects  `owner`

replace  keep_holder = ["owner"]
by       keep_holder = ["pbx_admin"]
finds    rules.keep_holder: everybody can be locked out: no role that must keep a holder can appoint another
expects  `owner`
"#,
    );
    check(
        TENANT,
        r#"
replace  manages = ["*"]
by       manages = ["*"]\nedits = []
finds    needs.edit_user: nobody can edit users
expects  a role that has `users:edit` and `manages` somebody

replace  manages = ["*"]
by       manages = ["*"]\nresets_passwords = []
finds    needs.reset_password: nobody can reset passwords
expects  a role that has `users:edit` and `manages` somebody
"#,
    );
    check(
        PBX_IM,
        r#"
replace  role_editors = ["admin"]
by       role_editors = ["agent"]
finds    rules.role_editors: nobody can define roles: none of these has the permission in `needs`
expects  `admin`
"#,
    );
    let taken = [
        (
            "[\"call-queues:pause:own\"] }",
            "[\"users-and-roles:edit\"] }",
        ),
        (
            "    \"call-center-api\",",
            "    \"call-center-api\", \"disallow-changing-pause\",",
        ),
    ];
    let found = catalogue(&edit(PBX_IM, &taken)).validate();
    let paths: Vec<&str> = found.iter().map(|problem| problem.path.as_str()).collect();
    assert!(paths.contains(&"rules.keep_holder"), "{found:?}");
}

#[test]
fn mistakes_in_levels_and_specials_are_found() {
    check(
        PBX_IM,
        r#"
replace  inherits = "disabled"
by       inherits = "none"
finds    levels.default.inherits: unknown level `none`
expects  one of `default`, `disabled`, `read_only`, `read_write`

replace  inherits = "disabled"
by       inherits = "default"
finds    levels.default.inherits: level `default` inherits from itself

replace  ["call-queues:pause:own"] }
by       ["call-queues:stop"] }
finds    specials.disallow-changing-pause.takes_away[0]: no permission is `call-queues:stop`
expects  one of `call-queues:edit`, `call-queues:pause`, `call-queues:pause:own`, `call-queues:view`

replace  contacts = "read_only"
by       contacts = "read_only:own"
finds    role.agent.levels.contacts: `read_only:own`: area `contacts` has no `own` for `view`

replace  contacts = "read_only"
by       contacts = "readonly"
finds    role.agent.levels.contacts: unknown level `readonly`
expects  one of `default`, `disabled`, `read_only`, `read_write`

replace  cdr = "read_only"
by       "C D R" = "read_only"
finds    role.financial.levels."C D R": unknown area `C D R`
expects  one of `account`, `announcements`, `call-forwarding`, `call-queues`, `cdr`, `conference-rooms`, `contacts`, `dial-rules`, `endpoints`, `extensions`, `intercept-groups`, `ivr`, `labels`, `media`, `pause-reasons`, `permission-groups`, `phone-numbers`, `ring-groups`, `time-conditions`, `user-groups`, `user-profile`, `users-and-roles`, `voicemail`

replace  finance = { title = "Finance" }
by       finance = { title = " " }
finds    specials.finance.title: the title is empty
expects  a name to show
"#,
    );
}

#[test]
fn mistakes_in_templates_are_found() {
    check(
        TENANT,
        r#"
replace  permissions = ["billing:view"]
by       permissions = ["billing:pay"]
finds    template.billing_person.permissions[0]: no permission is `billing:pay`
expects  one of `billing:create`, `billing:delete`, `billing:edit`, `billing:view`
"#,
    );
}

#[test]
fn all_mistakes_are_reported_at_once() {
    let text = edit(
        TENANT,
        &[
            ("baseline = \"tenant_user\"", "baseline = \"user\""),
            ("\"users:edit\"", "\"users:change\""),
            ("lifetime_days = 7", "lifetime_days = 1000"),
        ],
    );
    let paths: Vec<_> = catalogue(&text)
        .validate()
        .into_iter()
        .map(|found| found.path)
        .collect();
    assert_eq!(
        paths,
        [
            "holding.baseline",
            "needs.edit_user",
            "invite.lifetime_days"
        ]
    );
}

#[test]
fn an_unknown_key_is_an_error() {
    for (from, to) in [
        ("[rules]", "[rules]\nkeep_holders = []"),
        ("rank = 40", "rank = 40\nmanage = []"),
        ("[invite]", "[invitation]"),
        ("title = \"Fax\"", "name = \"Fax\""),
    ] {
        let error = toml::from_str::<Catalogue>(&edit(TENANT, &[(from, to)])).unwrap_err();
        assert!(error.to_string().contains("unknown field"), "{error}");
    }
}

#[test]
fn mistakes_in_custom_roles_are_found() {
    let custom: Custom = toml::from_str(
        r#"
        [role.tenant_user]
        title = "User"
        [role."Front Desk"]
        title = "tenant ADMIN"
        [role.boss]
        title = "Boss"
        rank = 40
        permissions = ["extension:view"]
        assigns = ["boss", "chief"]
        "#,
    )
    .unwrap();
    let problems = catalogue(TENANT).validate_custom(&custom.role);
    let found: Vec<_> = problems
        .iter()
        .map(|found| format!("{}: {}", found.path, found.message))
        .collect();
    assert_eq!(
        found,
        [
            "role.\"Front Desk\": bad role name `Front Desk`",
            "role.\"Front Desk\".title: title `tenant ADMIN` is that of role `tenant_admin`, too",
            "role.boss.permissions[0]: no permission is `extension:view`",
            "role.boss.assigns[1]: unknown role `chief`",
            "role.boss.rank: rank `40` is not below the roles that keep a holder",
            "role.tenant_user: role `tenant_user` is built in",
        ]
    );
}

/// Makes each edit, and finds that mistake and no other.
fn check(text: &str, cases: &str) {
    for case in cases.trim().split("\n\n") {
        let line = |word: &str| {
            let line = case.lines().find_map(|line| line.strip_prefix(word));
            line.unwrap_or_default().trim()
        };
        let by = line("by").replace("\\n", "\n");
        let found = catalogue(&edit(text, &[(line("replace"), &by)])).validate();
        let found: Vec<_> = found.iter().map(ToString::to_string).collect();
        let expected = match line("expects") {
            "" => line("finds").to_owned(),
            expects => format!("{}; expected {expects}", line("finds")),
        };
        assert_eq!(found, [expected], "{case}");
    }
}
