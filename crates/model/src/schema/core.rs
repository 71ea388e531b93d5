//! The attributes that the product knows: RFC 7643 §4.1 to §4.3, and those of phone systems.

use smol_str::SmolStr;

use super::{AttrDef, AttrId, Index, Mutability, Returned, Schema, Type, Uniqueness};

macro_rules! core_attributes {
    ($($id:ident = $row:expr;)*) => {
        #[allow(non_camel_case_types, clippy::upper_case_acronyms, reason = "they are named as the ids are")]
        #[derive(Clone, Copy)]
        enum Position { $($id),* }

        /// The ids of the core attributes; a sub-attribute is named behind its parent.
        #[allow(missing_docs, reason = "their definitions say what they are")]
        pub mod attr {
            use super::{AttrId, Position};
            $(pub const $id: AttrId = AttrId(Position::$id as u16);)*
        }

        /// The core definitions, each at the position of its id.
        pub(super) fn definitions() -> Vec<AttrDef> {
            vec![$(AttrDef { id: attr::$id, ..$row.0 }),*]
        }
    };
}

core_attributes! {
    // RFC 7643 §3.1: every resource.
    ID = string("id", Schema::Common).case_exact().read_only().always().unique().derived()
        .about("The resource's identity, for ever.");
    EXTERNAL_ID = string("externalId", Schema::Common).case_exact().derived()
        .about("The provisioning client's own name for the resource.");
    META = complex("meta", Schema::Common).read_only().derived().about("About the resource.");
    META_RESOURCE_TYPE = sub(attr::META, "resourceType").case_exact().read_only().derived()
        .about("The resource's type.");
    META_CREATED = sub(attr::META, "created").ty(Type::DateTime).read_only().derived()
        .about("When it was made.");
    META_LAST_MODIFIED = sub(attr::META, "lastModified").ty(Type::DateTime).read_only().derived()
        .about("When it was last changed.");
    META_LOCATION = sub(attr::META, "location").ty(Type::Reference).case_exact().read_only().derived()
        .about("Its URI.");
    META_VERSION = sub(attr::META, "version").case_exact().read_only().derived()
        .about("Its version, as in the ETag header.");

    // RFC 7643 §4.1: users.
    USER_NAME = string("userName", Schema::User).required().unique().index(Index::Text)
        .about("The name under which the user logs in, unique in the tenant.");
    NAME = complex("name", Schema::User).about("The parts of the user's name.");
    NAME_FORMATTED = sub(attr::NAME, "formatted").index(Index::Text).about("The full name, for display.");
    NAME_FAMILY_NAME = sub(attr::NAME, "familyName").index(Index::Text).about("The family name.");
    NAME_GIVEN_NAME = sub(attr::NAME, "givenName").index(Index::Text).about("The given name.");
    NAME_MIDDLE_NAME = sub(attr::NAME, "middleName").about("The middle names.");
    NAME_HONORIFIC_PREFIX = sub(attr::NAME, "honorificPrefix").about("A title before the name.");
    NAME_HONORIFIC_SUFFIX = sub(attr::NAME, "honorificSuffix").about("A suffix after the name.");
    DISPLAY_NAME = string("displayName", Schema::User).also(Schema::Group).index(Index::Text)
        .about("The name shown to people.");
    NICK_NAME = string("nickName", Schema::User).about("The casual name.");
    PROFILE_URL = string("profileUrl", Schema::User).external().about("A page about the user.");
    TITLE = string("title", Schema::User).about("The job title.");
    USER_TYPE = string("userType", Schema::User).about("The kind of user, such as Employee.");
    PREFERRED_LANGUAGE = string("preferredLanguage", Schema::User)
        .about("The preferred languages, as in Accept-Language.");
    LOCALE = string("locale", Schema::User).about("The locale, such as en-GB.");
    TIMEZONE = string("timezone", Schema::User).about("The time zone, such as Europe/Berlin.");
    ACTIVE = string("active", Schema::User).ty(Type::Boolean)
        .about("Whether the user may log in and holds roles.");
    PASSWORD = string("password", Schema::User).case_exact().write_only().derived()
        .about("The password; it can be set and never read.");
    EMAILS = complex("emails", Schema::User).multi().about("E-mail addresses.");
    EMAILS_VALUE = sub(attr::EMAILS, "value").index(Index::Text).about("The address.");
    EMAILS_DISPLAY = sub(attr::EMAILS, "display").about("The address for display.");
    EMAILS_TYPE = sub(attr::EMAILS, "type").canonical(&["work", "home", "other"]).about("What it is for.");
    EMAILS_PRIMARY = primary(attr::EMAILS);
    PHONE_NUMBERS = complex("phoneNumbers", Schema::User).multi().about("Telephone numbers.");
    PHONE_NUMBERS_VALUE = sub(attr::PHONE_NUMBERS, "value").index(Index::Text).about("The number.");
    PHONE_NUMBERS_DISPLAY = sub(attr::PHONE_NUMBERS, "display").about("The number for display.");
    PHONE_NUMBERS_TYPE = sub(attr::PHONE_NUMBERS, "type")
        .canonical(&["work", "home", "mobile", "fax", "pager", "other"]).about("What it is for.");
    PHONE_NUMBERS_PRIMARY = primary(attr::PHONE_NUMBERS);
    IMS = complex("ims", Schema::User).multi().about("Instant messaging addresses.");
    IMS_VALUE = sub(attr::IMS, "value").about("The address.");
    IMS_DISPLAY = sub(attr::IMS, "display").about("The address for display.");
    IMS_TYPE = sub(attr::IMS, "type").about("Which service.");
    IMS_PRIMARY = primary(attr::IMS);
    PHOTOS = complex("photos", Schema::User).multi().about("Pictures of the user.");
    PHOTOS_VALUE = sub(attr::PHOTOS, "value").external().about("The picture's URI.");
    PHOTOS_DISPLAY = sub(attr::PHOTOS, "display").about("A description.");
    PHOTOS_TYPE = sub(attr::PHOTOS, "type").canonical(&["photo", "thumbnail"]).about("Its size.");
    PHOTOS_PRIMARY = primary(attr::PHOTOS);
    ADDRESSES = complex("addresses", Schema::User).multi().about("Postal addresses.");
    ADDRESSES_FORMATTED = sub(attr::ADDRESSES, "formatted").about("The whole address, for display.");
    ADDRESSES_STREET_ADDRESS = sub(attr::ADDRESSES, "streetAddress").about("Street and house.");
    ADDRESSES_LOCALITY = sub(attr::ADDRESSES, "locality").about("The town.");
    ADDRESSES_REGION = sub(attr::ADDRESSES, "region").about("The state or region.");
    ADDRESSES_POSTAL_CODE = sub(attr::ADDRESSES, "postalCode").about("The postal code.");
    ADDRESSES_COUNTRY = sub(attr::ADDRESSES, "country").about("The country, best as ISO 3166-1 alpha-2.");
    ADDRESSES_TYPE = sub(attr::ADDRESSES, "type").canonical(&["work", "home", "other"]).about("What it is for.");
    ADDRESSES_PRIMARY = primary(attr::ADDRESSES);
    GROUPS = complex("groups", Schema::User).multi().read_only().derived()
        .about("The groups and roles of the user.");
    GROUPS_VALUE = sub(attr::GROUPS, "value").case_exact().read_only().derived().about("The group's id.");
    GROUPS_REF = sub(attr::GROUPS, "$ref").reference(&["Group"]).read_only().derived()
        .about("The group's URI.");
    GROUPS_DISPLAY = sub(attr::GROUPS, "display").read_only().derived().about("The group's name.");
    GROUPS_TYPE = sub(attr::GROUPS, "type").canonical(&["direct", "indirect"]).read_only().derived()
        .about("Whether the user is a member itself or through another group.");
    ENTITLEMENTS = complex("entitlements", Schema::User).multi().read_only().on_request().derived()
        .about("What the user may do: permissions, which come with roles.");
    ENTITLEMENTS_VALUE = sub(attr::ENTITLEMENTS, "value").read_only().derived().about("The permission.");
    ENTITLEMENTS_DISPLAY = sub(attr::ENTITLEMENTS, "display").read_only().derived()
        .about("Its name, for display.");
    ENTITLEMENTS_TYPE = sub(attr::ENTITLEMENTS, "type").read_only().derived().about("What kind it is.");
    ENTITLEMENTS_PRIMARY = primary(attr::ENTITLEMENTS).read_only().derived();
    ROLES = complex("roles", Schema::User).multi()
        .about("The user's roles in the phone system, by their keys.");
    ROLES_VALUE = sub(attr::ROLES, "value").about("The role's key.");
    ROLES_DISPLAY = sub(attr::ROLES, "display").about("The role's title.");
    ROLES_TYPE = sub(attr::ROLES, "type").about("Whether the role is built in or custom.");
    ROLES_PRIMARY = primary(attr::ROLES);
    X509_CERTIFICATES = complex("x509Certificates", Schema::User).multi().about("Certificates.");
    X509_CERTIFICATES_VALUE = sub(attr::X509_CERTIFICATES, "value").ty(Type::Binary).case_exact()
        .about("The certificate, DER.");
    X509_CERTIFICATES_DISPLAY = sub(attr::X509_CERTIFICATES, "display").about("Its name, for display.");
    X509_CERTIFICATES_TYPE = sub(attr::X509_CERTIFICATES, "type").about("What it is for.");
    X509_CERTIFICATES_PRIMARY = primary(attr::X509_CERTIFICATES);

    // RFC 7643 §4.3: the enterprise extension.
    EMPLOYEE_NUMBER = string("employeeNumber", Schema::Enterprise).index(Index::Exact)
        .about("The number the organization gave the user.");
    COST_CENTER = string("costCenter", Schema::Enterprise).about("The cost center.");
    ORGANIZATION = string("organization", Schema::Enterprise).index(Index::Text).about("The organization.");
    DIVISION = string("division", Schema::Enterprise).about("The division.");
    DEPARTMENT = string("department", Schema::Enterprise).index(Index::Text).about("The department.");
    MANAGER = complex("manager", Schema::Enterprise).about("The user's manager.");
    MANAGER_VALUE = sub(attr::MANAGER, "value").case_exact().index(Index::Exact).about("The manager's id.");
    MANAGER_REF = sub(attr::MANAGER, "$ref").reference(&["User"]).derived().read_only()
        .about("The manager's URI.");
    MANAGER_DISPLAY_NAME = sub(attr::MANAGER, "displayName").read_only().derived()
        .about("The manager's name.");

    // The phone system's own attributes of a user.
    EXTENSIONS = complex("extensions", Schema::PbxUser).multi().derived()
        .about("The extensions that the user holds.");
    EXTENSIONS_VALUE = sub(attr::EXTENSIONS, "value").derived().about("The extension's number.");
    EXTENSIONS_DISPLAY = sub(attr::EXTENSIONS, "display").read_only().derived().about("Its name, for display.");
    EXTENSIONS_PRIMARY = primary(attr::EXTENSIONS).derived();
    DESKS = complex("desks", Schema::PbxUser).multi().derived().about("The desks that the user is assigned to.");
    DESKS_VALUE = sub(attr::DESKS, "value").derived().about("The desk's name.");
    DESKS_DISPLAY = sub(attr::DESKS, "display").read_only().derived().about("Its name, for display.");
    MUST_CHANGE_PASSWORD = string("mustChangePassword", Schema::PbxUser).ty(Type::Boolean)
        .about("Whether the password must be changed at the next login.");
    EMAIL_VERIFIED = string("emailVerified", Schema::PbxUser).ty(Type::Boolean)
        .about("Whether the e-mail address was verified.");
    LAST_LOGIN = string("lastLogin", Schema::PbxUser).ty(Type::DateTime).read_only().derived()
        .about("When the user last logged in.");
    SEAT = string("seat", Schema::PbxUser).ty(Type::Boolean).read_only().derived()
        .about("Whether the user counts against the licence.");

    // RFC 7643 §4.2: groups.
    MEMBERS = complex("members", Schema::Group).multi().derived().about("The group's members.");
    MEMBERS_VALUE = sub(attr::MEMBERS, "value").case_exact().immutable().derived().about("The member's id.");
    MEMBERS_REF = sub(attr::MEMBERS, "$ref").reference(&["User", "Group"]).immutable().derived()
        .about("The member's URI.");
    MEMBERS_DISPLAY = sub(attr::MEMBERS, "display").read_only().derived().about("The member's name.");
    MEMBERS_TYPE = sub(attr::MEMBERS, "type").canonical(&["User", "Group"]).immutable().derived()
        .about("What the member is.");
    GROUP_KIND = string("kind", Schema::PbxGroup).read_only().canonical(&["group", "role"]).derived()
        .about("Whether it is a plain group or a role of the phone system.");
    ROLE_KEY = string("roleKey", Schema::PbxGroup).read_only().index(Index::Exact)
        .about("The role's key in the catalogue.");

    // Records without a SCIM resource, and what is made for LDAP.
    DESCRIPTION = string("description", Schema::PbxGroup).index(Index::Text).about("A description.");
    EXTENSION_NUMBER = string("number", Schema::Internal).index(Index::Text).about("An extension's number.");
    LOGIN = string("login", Schema::Internal).index(Index::Exact)
        .about("The login name of a service account, device or connection.");
    CONNECTION_KIND = string("connectionKind", Schema::Internal).about("A connection's kind.");
    CEILING = string("ceiling", Schema::Internal).about("The highest role that a connection may give.");
    TAKES_PASSWORDS = string("takesPasswords", Schema::Internal).ty(Type::Boolean)
        .about("Whether passwords that a connection pushes are taken.");
    REQUIRES_VERSIONS = string("requiresVersions", Schema::Internal).ty(Type::Boolean)
        .about("Whether a connection must say which version of a resource it changes.");
    GUARD = string("guard", Schema::Internal).case_exact()
        .about("What the guard against accidents knows of a connection.");
    SCOPES = string("scopes", Schema::Internal).multi().about("What a service account may read.");
    READS = string("reads", Schema::Internal).multi()
        .about("The attributes that a service account or device reads; all that it may, if there is none.");
    DIALS = string("dials", Schema::Internal)
        .about("How numbers are shown to a service account or device, to be dialled.");
    ACTS_AS = string("actsAs", Schema::Internal)
        .about("The role, or the operator, as whom a service account changes things.");
    VIEWS = string("views", Schema::Internal).multi()
        .about("The views that a service account or device has in place of its tenant's.");
    ROLE_DEFINITION = string("roleDefinition", Schema::Internal).case_exact()
        .about("A custom role's definition.");
    MADE_AT_RUN_TIME = string("madeAtRunTime", Schema::Internal).ty(Type::Boolean)
        .about("Whether a custom role was made at run time, not by the tenant's file.");
    REVIEWED = string("reviewed", Schema::Internal).ty(Type::DateTime)
        .about("When somebody last looked at who holds a role.");
    HOLDERS = string("holders", Schema::Internal).multi().derived()
        .about("The members of a group, the active users who are seen to have a role, or the users who have \
            an extension or desk.");
    COMMON_NAME = string("commonName", Schema::Internal).derived().index(Index::Text)
        .about("The name people see.");
    NUMBER = string("recordNumber", Schema::Internal).ty(Type::Integer).derived()
        .about("The record's number in the tenant.");
    PERMISSIONS = string("permissions", Schema::Internal).multi().derived()
        .about("The permissions of a role, or of a user by its roles.");
}

struct Row(AttrDef);

fn string(name: &'static str, schema: Schema) -> Row {
    Row(AttrDef {
        id: AttrId(0),
        name: SmolStr::new_static(name),
        parent: None,
        schemas: vec![schema],
        ty: Type::String,
        multi_valued: false,
        required: false,
        case_exact: false,
        mutability: Mutability::ReadWrite,
        returned: Returned::Default,
        uniqueness: Uniqueness::None,
        canonical: Vec::new(),
        references: Vec::new(),
        description: SmolStr::default(),
        derived: false,
        index: Index::None,
        own: None,
    })
}

fn complex(name: &'static str, schema: Schema) -> Row {
    string(name, schema).ty(Type::Complex)
}

fn sub(parent: AttrId, name: &'static str) -> Row {
    let mut row = string(name, Schema::Internal);
    row.0.schemas.clear();
    row.0.parent = Some(parent);
    row
}

fn primary(parent: AttrId) -> Row {
    sub(parent, "primary")
        .ty(Type::Boolean)
        .about("Whether it is the preferred one of them.")
}

impl Row {
    fn ty(mut self, ty: Type) -> Self {
        self.0.ty = ty;
        self
    }

    fn also(mut self, schema: Schema) -> Self {
        self.0.schemas.push(schema);
        self
    }

    fn multi(mut self) -> Self {
        self.0.multi_valued = true;
        self
    }

    fn required(mut self) -> Self {
        self.0.required = true;
        self
    }

    fn case_exact(mut self) -> Self {
        self.0.case_exact = true;
        self
    }

    fn read_only(mut self) -> Self {
        self.0.mutability = Mutability::ReadOnly;
        self
    }

    fn immutable(mut self) -> Self {
        self.0.mutability = Mutability::Immutable;
        self
    }

    fn write_only(mut self) -> Self {
        self.0.mutability = Mutability::WriteOnly;
        self.0.returned = Returned::Never;
        self
    }

    fn always(mut self) -> Self {
        self.0.returned = Returned::Always;
        self
    }

    fn on_request(mut self) -> Self {
        self.0.returned = Returned::Request;
        self
    }

    fn unique(mut self) -> Self {
        self.0.uniqueness = Uniqueness::Server;
        self
    }

    fn canonical(mut self, values: &[&'static str]) -> Self {
        self.0.canonical = values
            .iter()
            .map(|value| SmolStr::new_static(value))
            .collect();
        self
    }

    fn reference(mut self, targets: &[&'static str]) -> Self {
        self.0.references = targets
            .iter()
            .map(|target| SmolStr::new_static(target))
            .collect();
        self.ty(Type::Reference).case_exact()
    }

    fn external(self) -> Self {
        self.reference(&["external"])
    }

    fn derived(mut self) -> Self {
        self.0.derived = true;
        self
    }

    fn index(mut self, index: Index) -> Self {
        self.0.index = index;
        self
    }

    fn about(mut self, description: &'static str) -> Self {
        self.0.description = SmolStr::new_static(description);
        self
    }
}
