// SPDX-License-Identifier: GPL-3.0-or-later
// The reason codes of refusals and warnings. They are part of the interface: scripts and tickets
// depend on them, so a code never changes its meaning. core/model/README.md explains each.
#pragma once

#include <string_view>

namespace core::reason {

using Code = std::string_view;

// The bundle as a container
inline constexpr Code bundle_corrupt = "bundle-corrupt";
inline constexpr Code bundle_empty = "bundle-empty";
inline constexpr Code bundle_format = "bundle-format";
inline constexpr Code trailing_data = "trailing-data";
inline constexpr Code path_traversal = "path-traversal";
inline constexpr Code member_name = "member-name";
inline constexpr Code non_regular_member = "non-regular-member";
inline constexpr Code duplicate_member = "duplicate-member";
inline constexpr Code encrypted_bundle = "encrypted-bundle";
inline constexpr Code nested_archive = "nested-archive";
inline constexpr Code size_limit = "size-limit";
inline constexpr Code ratio_limit = "ratio-limit";
inline constexpr Code member_limit = "member-limit";
inline constexpr Code file_ignored = "file-ignored";

// The descriptor
inline constexpr Code descriptor_missing = "descriptor-missing";
inline constexpr Code descriptor_ambiguous = "descriptor-ambiguous";
inline constexpr Code xml_syntax = "xml-syntax";
inline constexpr Code xml_encoding = "xml-encoding";
inline constexpr Code xml_doctype = "xml-doctype";
inline constexpr Code xml_limit = "xml-limit";
inline constexpr Code descriptor_unknown_revision = "descriptor-unknown-revision";
inline constexpr Code missing_element = "missing-element";
inline constexpr Code packages_not_listed = "packages-not-listed";
inline constexpr Code duplicate_element = "duplicate-element";
inline constexpr Code unknown_element = "unknown-element";
inline constexpr Code empty_element = "empty-element";
inline constexpr Code bad_date = "bad-date";
inline constexpr Code bad_version = "bad-version";
inline constexpr Code bad_value = "bad-value";
inline constexpr Code template_text = "template-text";
inline constexpr Code tolerated_form = "tolerated-form";
inline constexpr Code set_mismatch = "set-mismatch";

// Packages
inline constexpr Code package_corrupt = "package-corrupt";
inline constexpr Code package_unsupported = "package-unsupported";
inline constexpr Code package_limit = "package-limit";
inline constexpr Code payload_digest = "payload-digest";
inline constexpr Code package_relation = "package-relation";
inline constexpr Code package_name = "package-name";
inline constexpr Code control_characters = "control-characters";
inline constexpr Code control_size = "control-size";
inline constexpr Code duplicate_package = "duplicate-package";
inline constexpr Code same_name_different_content = "same-name-different-content";
inline constexpr Code platform_unknown = "platform-unknown";
inline constexpr Code platform_ambiguous = "platform-ambiguous";
inline constexpr Code architecture_unknown = "architecture-unknown";
inline constexpr Code document_invalid = "document-invalid";
inline constexpr Code changelog_cut = "changelog-cut";

// What a package has that is sound (core/model/remark.hpp)
inline constexpr Code essential = "essential";
inline constexpr Code important = "important";
inline constexpr Code is_protected = "protected";
inline constexpr Code base_relation = "base-relation";
inline constexpr Code set_id_file = "set-id-file";
inline constexpr Code unusual_place = "unusual-place";
inline constexpr Code epoch_jump = "epoch-jump";

// Package signatures
inline constexpr Code unsigned_package = "unsigned-package";
inline constexpr Code unknown_key = "unknown-key";
inline constexpr Code key_expired = "key-expired";
inline constexpr Code key_revoked = "key-revoked";
inline constexpr Code weak_signature = "weak-signature";
inline constexpr Code bad_signature = "bad-signature";

// Providers
inline constexpr Code provider_missing = "provider-missing";
inline constexpr Code provider_conflict = "provider-conflict";
inline constexpr Code provider_key = "provider-key";
inline constexpr Code provider_scope = "provider-scope";
inline constexpr Code package_owner = "package-owner";
inline constexpr Code release_owner = "release-owner";
inline constexpr Code id_owner = "id-owner";
inline constexpr Code unknown_provider = "unknown-provider";
inline constexpr Code unknown_package = "unknown-package";
inline constexpr Code foreign_reference = "foreign-reference";

// Releases, stages and operations
inline constexpr Code already_released = "already-released";
inline constexpr Code unknown_release = "unknown-release";
inline constexpr Code unknown_stage = "unknown-stage";
inline constexpr Code unknown_line = "unknown-line";
inline constexpr Code unknown_platform = "unknown-platform";
inline constexpr Code unknown_generation = "unknown-generation";
inline constexpr Code wrong_stage = "wrong-stage";
inline constexpr Code emergency_asked = "emergency-asked";
inline constexpr Code downgrade = "downgrade";
inline constexpr Code loss_allowed = "loss-allowed";
inline constexpr Code nothing_to_do = "nothing-to-do";

// Tickets, and getting what they point at
inline constexpr Code download_failed = "download-failed";
inline constexpr Code download_forbidden = "download-forbidden";
inline constexpr Code download_limit = "download-limit";
inline constexpr Code download_mismatch = "download-mismatch";
inline constexpr Code download_content = "download-content";
inline constexpr Code source_unknown = "source-unknown";
inline constexpr Code repository_invalid = "repository-invalid";
inline constexpr Code repository_unsigned = "repository-unsigned";
inline constexpr Code repository_expired = "repository-expired";
inline constexpr Code source_replayed = "source-replayed";
inline constexpr Code not_permitted = "not-permitted";
inline constexpr Code second_person = "second-person";
inline constexpr Code process_ended = "process-ended";
inline constexpr Code ticket_configuration = "ticket-configuration";

}  // namespace core::reason
