const _: () = {
    use ::nango_core::__private as _nango;
    ///The tags of a [`Place`], read back.
    struct __PlaceTags<'nango, 'a> {
        ///The tag `city`.
        city: _nango::Tag<'nango, _nango::String>,
        ///The tags of the field `1`.
        region: <Region<'a> as _nango::TagFields>::View<'nango>,
        ///The tag `zip-code`.
        zip_code: _nango::Tag<'nango, String>,
        __of: _nango::PhantomData<(&'nango (), fn() -> Place<'a>)>,
    }
    #[automatically_derived]
    impl<'a> _nango::TagFields for Place<'a> {
        const TAGS: &'static [&'static _nango::str] = _nango::TagKeys::as_slice(
            &_nango::TagKeys::join(
                &[&["city"], <Region<'a> as _nango::TagFields>::TAGS, &["zip-code"]],
            ),
        );
        type View<'nango> = __PlaceTags<'nango, 'a>;
        #[inline]
        fn put_tags(
            &self,
            tags: &mut _nango::Tags,
        ) -> _nango::Result<(), _nango::TagError> {
            let mut writer = _nango::TagWriter::new(tags);
            writer.insert("city", _nango::text(&self.0));
            let outcome = <Region<
                'a,
            > as _nango::TagFields>::put_tags(&self.1, writer.tags());
            writer.record(outcome);
            writer.insert("zip-code", _nango::text(&self.2));
            writer.finish()
        }
        #[inline]
        fn view(tags: &_nango::Tags) -> Self::View<'_> {
            __PlaceTags {
                city: _nango::tag(tags, "city"),
                region: <Region<'a> as _nango::TagFields>::view(tags),
                zip_code: _nango::tag(tags, "zip-code"),
                __of: _nango::PhantomData,
            }
        }
    }
    const _: () = {
        let keys = _nango::TagKeys::join(&[&["city"]]);
        let keys = _nango::TagKeys::extend_checked(
            keys,
            "1",
            <Region<'static> as _nango::TagFields>::TAGS,
        );
        let keys = _nango::TagKeys::push_checked(keys, "zip-code");
        let _ = keys;
    };
};
