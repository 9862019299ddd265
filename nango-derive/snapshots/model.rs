#[derive(Clone, Debug, PartialEq, DeriveEntityModel, TagMapper)]
#[sea_orm(table_name = "cake")]
pub struct Model {
    #[sea_orm(primary_key)]
    #[nango(id)]
    pub id: i32,
    pub name: String,
}
