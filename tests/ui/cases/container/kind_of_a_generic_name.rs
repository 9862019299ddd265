//! Names that an ORM gives to the struct of every table.

mod user {
    #[derive(nango_core::TagMapper)]
    pub struct Model {
        #[nango(id)]
        id: u64,
    }

    #[derive(nango_core::TagMapper)]
    pub struct ModelEx {
        #[nango(id)]
        id: u64,
    }

    #[derive(nango_core::TagMapper)]
    pub struct ActiveModel {
        #[nango(id)]
        id: u64,
    }

    #[derive(nango_core::TagMapper)]
    pub struct ActiveModelEx {
        #[nango(id)]
        id: u64,
    }

    #[derive(nango_core::TagMapper)]
    pub struct Entity(#[nango(id)] u64);
}

mod organization {
    #[derive(nango_core::TagMapper)]
    #[nango(rename_all = "kebab-case")]
    pub struct Record<T> {
        #[nango(id = "organization_id")]
        id: T,
    }

    #[derive(nango_core::TagMapper)]
    pub struct r#Row {
        #[nango(id = "organization_id")]
        id: u64,
    }
}

fn uses_do_not_cascade(user: &user::Model, organization: &organization::Record<u8>) {
    use nango_core::TagMapper;
    let _ = (user.owner(), organization.to_tags());
}

fn main() {}
