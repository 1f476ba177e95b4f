// SPDX-License-Identifier: GPL-3.0-or-later
// The index fragments of a package: its <package> elements of primary, filelists and other, as
// libcreaterepo_c prints them.
#pragma once

#include "backends/shards/shards.hpp"
#include "backends/yum/header_view.hpp"
#include "backends/yum/rpm_file.hpp"
#include "core/model/package.hpp"

namespace yum {

/// `header` is the checked main header of `rpm`, `signature` its signature header, `package` what
/// was read of them. Same package, same texts: they depend on the file's bytes alone, not on its
/// times or on the locale. Throws Refused if librpm does not accept the header.
shards::Fragments make_fragments(const RpmFile& rpm, const HeaderView& signature,
                                 const HeaderView& header, const core::Package& package);

}  // namespace yum
