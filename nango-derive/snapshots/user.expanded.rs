const _: () = {
    use ::nango_core::__private as _nango;
    ///The tags of a [`User`], read back.
    pub struct __UserTags<'nango> {
        ///The tag `end_user_id`.
        pub id: _nango::Tag<'nango, Uuid>,
        ///The tag `end_user_email`.
        pub email: _nango::Tag<'nango, String>,
        ///The tag `organization_id`.
        pub organization_id: _nango::Tag<'nango, u64>,
        ///The tag `country`.
        pub country: _nango::Tag<'nango, Country>,
    }
    #[automatically_derived]
    impl _nango::TagFields for User {
        const TAGS: &'static [&'static _nango::str] = &[
            "end_user_id",
            "end_user_email",
            "organization_id",
            "country",
        ];
        type View<'nango> = __UserTags<'nango>;
        #[inline]
        fn put_tags(
            &self,
            tags: &mut _nango::Tags,
        ) -> _nango::Result<(), _nango::TagError> {
            let mut writer = _nango::TagWriter::new(tags);
            writer.insert("end_user_id", _nango::id_text::<Self>(&self.id));
            writer.insert("end_user_email", _nango::text(&self.email));
            if let _nango::Some(value) = &self.organization_id {
                writer.insert("organization_id", _nango::text(value));
            }
            writer.insert("country", _nango::text(&country::to_tag(&self.country)));
            writer.finish()
        }
        #[inline]
        fn view(tags: &_nango::Tags) -> Self::View<'_> {
            __UserTags {
                id: _nango::tag(tags, "end_user_id"),
                email: _nango::tag(tags, "end_user_email"),
                organization_id: _nango::tag(tags, "organization_id"),
                country: _nango::tag(tags, "country"),
            }
        }
    }
    #[automatically_derived]
    impl _nango::TagMapper for User {
        type Id = Uuid;
        const KIND: &'static _nango::str = "user";
        const ID_TAG: &'static _nango::str = "end_user_id";
        const SCOPE_TAG: _nango::Option<&'static _nango::str> = _nango::Some(
            "organization_id",
        );
        const TAGS: &'static [&'static _nango::str] = <Self as _nango::TagFields>::TAGS;
        #[inline]
        fn owner(&self) -> _nango::Owner {
            _nango::owner::<
                Self,
            >(
                _nango::id_text::<Self>(&self.id),
                match &self.organization_id {
                    _nango::Some(value) => _nango::Some(_nango::text(value)),
                    _nango::None => _nango::None,
                },
            )
        }
        #[inline]
        fn to_tags(&self) -> _nango::Result<_nango::Tags, _nango::TagError> {
            _nango::to_tags(self)
        }
    }
};
