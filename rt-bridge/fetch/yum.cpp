// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/fetch/yum.hpp"

#include <algorithm>

#include "backends/bundle/xml.hpp"
#include "core/model/reason.hpp"
#include "core/model/text.hpp"
#include "rt-bridge/fetch/reference.hpp"
#include "rt-bridge/fetch/signature.hpp"

namespace fetch {
namespace {

namespace reason = core::reason;
using bundle::Element;

constexpr int tries = 3;
constexpr std::uint64_t most_repomd_bytes = 1u << 20;
constexpr std::uint64_t most_signature_bytes = 64u << 10;

core::Refused invalid(const std::string& where, const std::string& what) {
    return {reason::repository_invalid, core::escaped(where) + ": " + what,
            "Make the repository's index anew with createrepo_c."};
}

Element parsed(const std::string& text, const std::string& where, const bundle::XmlLimits& limits) {
    bundle::XmlDocument document = bundle::parse_xml(text, where, limits);
    if (core::has_errors(document.report)) throw core::Refused(document.report);
    if (document.roots.empty()) throw invalid(where, "it is empty");
    return std::move(document.roots.front());
}

const Element& child(const Element& parent, std::string_view name, const std::string& where) {
    for (const Element& element : parent.children) {
        if (element.local_name == name) return element;
    }
    throw invalid(where, "line " + std::to_string(parent.line) + ": " + core::escaped(parent.name) +
                             " has no " + std::string(name));
}

std::string attribute(const Element& element, std::string_view name, const std::string& where) {
    if (const std::string* value = element.attribute(name)) return *value;
    throw invalid(where, "line " + std::to_string(element.line) + ": " +
                             core::escaped(element.name) + " has no " + std::string(name));
}

std::uint64_t number(std::string_view text, const std::string& where) {
    text = core::trimmed(text);
    if (const auto value = core::whole_number(text)) return *value;
    throw invalid(where, "\"" + core::escaped(text.substr(0, 40)) + "\" is no size");
}

core::Digest sha256_of(const Element& parent, const std::string& where) {
    const Element& checksum = child(parent, "checksum", where);
    const std::string type = attribute(checksum, "type", where);
    try {
        if (type == "sha256") {
            return core::Digest::parse(core::lower(core::trimmed(checksum.text)));
        }
    } catch (const core::Error&) {
        throw invalid(where, "line " + std::to_string(checksum.line) + " has no SHA-256 checksum");
    }
    throw invalid(where, "line " + std::to_string(checksum.line) + ": a " + core::escaped(type) +
                             " checksum; only sha256 is accepted");
}

std::string href_of(const Element& parent, const std::string& where) {
    const Element& location = child(parent, "location", where);
    for (const bundle::Attribute& entry : location.attributes) {
        if (entry.local_name == "base") throw invalid(where, "it points to another repository");
    }
    std::string href = attribute(location, "href", where);
    check_reference(href, where);
    return href;
}

/// Of the indexes that repomd.xml names; some makers write it with a fraction.
core::Time newest_timestamp(const Element& repomd, const std::string& where) {
    constexpr std::uint64_t latest = 253'402'300'799;  // of the year 9999
    std::optional<std::uint64_t> newest;
    for (const Element& data : repomd.children) {
        for (const Element& stamp : data.children) {
            if (stamp.local_name != "timestamp") continue;
            const std::uint64_t value = number(stamp.text.substr(0, stamp.text.find('.')), where);
            newest = std::max(newest.value_or(0), std::min(value, latest));
        }
    }
    if (!newest) throw invalid(where, "neither it nor its signature says when it was made");
    return core::Time(std::chrono::seconds(*newest));
}

class YumRepository {
  public:
    YumRepository(Basket& basket, const std::string& url, const std::optional<Trust>& trust)
        : basket_(basket), root_(as_directory(http::Url::parse(url))), trust_(trust) {}

    std::optional<Sighting> fetch() {
        for (int i = 0; i < tries; ++i) {
            const auto primary = read_primary();
            if (!primary) continue;
            add_packages(*primary);
            return sighting_;
        }
        throw invalid(root_.text(), "its indexes are not those that repomd.xml describes");
    }

  private:
    std::string url_of(std::string_view reference) const {
        return below(root_, reference, Percent::is_encoding).text();
    }

    std::optional<std::string> read_primary() {
        const std::string where = url_of("repodata/repomd.xml");
        const std::string text = basket_.read(where, most_repomd_bytes);
        const core::Verdict verdict = trust_ ? signature_of(text, where) : core::Verdict{};
        const Element repomd = parsed(text, where, {});
        if (trust_) check_replay(verdict, repomd, where);
        for (const Element& data : repomd.children) {
            const std::string* type = data.attribute("type");
            if (data.local_name != "data" || type == nullptr || *type != "primary") continue;
            const Expected expected{sha256_of(data, where),
                                    number(child(data, "size", where).text, where)};
            return basket_.read_index(url_of(href_of(data, where)), expected);
        }
        throw invalid(where, "it names no primary index");
    }

    core::Verdict signature_of(const std::string& text, const std::string& where) {
        const auto signature = basket_.read_if_there(where + ".asc", most_signature_bytes);
        if (!signature) {
            throw core::Refused(reason::repository_unsigned,
                                core::escaped(where) + " is not signed: there is no repomd.xml.asc",
                                "Sign it with the key that the operators know.");
        }
        core::Verdict verdict = trust_->verifier.check_detached(text, *signature);
        require_good(verdict, where);
        return verdict;
    }

    void check_replay(const core::Verdict& verdict, const Element& repomd,
                      const std::string& where) {
        const core::Time made =
            verdict.made > core::Time{} ? verdict.made : newest_timestamp(repomd, where);
        sighting_ = Sighting{{source_name(root_.text()), "", verdict.fingerprint}, made};
        trust_->seen.refuse_older(*sighting_);
    }

    void add_packages(const std::string& text) {
        const std::string where = "the primary index of " + root_.text();
        bundle::XmlLimits limits;
        limits.bytes = 256u << 20;
        limits.nodes = 4'000'000;
        limits.text = 1u << 20;  // descriptions
        const Element metadata = parsed(text, where, limits);
        for (const Element& package : metadata.children) {
            if (package.local_name != "package") continue;
            const Expected expected{
                sha256_of(package, where),
                number(attribute(child(package, "size", where), "package", where), where)};
            const std::string href = href_of(package, where);
            basket_.add(url_of(href), href, expected);
        }
    }

    Basket& basket_;
    http::Url root_;
    const std::optional<Trust>& trust_;
    std::optional<Sighting> sighting_;
};

}  // namespace

std::optional<Sighting> fetch_yum(Basket& basket, const std::string& url,
                                  const std::optional<Trust>& trust) {
    return YumRepository(basket, url, trust).fetch();
}

}  // namespace fetch
