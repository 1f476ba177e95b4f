// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/bundle/descriptor_survey.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>
#include <set>
#include <utility>

#include "backends/bundle/descriptor_values.hpp"
#include "core/model/text.hpp"

namespace bundle {
namespace {

namespace reason = core::reason;

// A path repeats the names of all ancestors: a megabyte of nested elements could make hundreds.
constexpr std::size_t most_field_bytes = 4u << 20;

class Surveyor {
  public:
    explicit Surveyor(Findings& findings) : findings_(findings) {}

    Survey run(const std::vector<Element>& elements, const Schema& schema) {
        walk(elements, &schema, {}, {});
        return std::move(survey_);
    }

  private:
    /// `parent`: its name as written, for messages; `schema` is null below an unknown element.
    void walk(const std::vector<Element>& elements, const Schema* schema, const std::string& path,
              std::string_view parent);
    void check_known(const Element& element, const Rule& rule, const std::string& path,
                     std::string_view parent, std::map<const Rule*, const Element*>& first);
    void report_spelling(const std::string& name, const Rule& rule, std::string_view parent,
                         Place place, const std::string& path);
    void report_unknown(const std::string& name, std::string_view parent, Place place,
                        const std::string& path);
    void check_characters(std::string_view name, std::string_view text, Place place,
                          const std::string& path);
    void check_namespace(const Element& element, const std::string& path);
    void note_attributes(const Element& element, const Schema* schema, const std::string& path);
    void check_value(Kind kind, std::string_view value, Place place, const std::string& path);
    void check_text(Kind kind, std::string_view value, Place place, const std::string& path);
    void check_urls(std::string_view value, Place place, const std::string& path);
    void check_date(Kind kind, std::string_view value, Place place, const std::string& path);
    bool note(std::string path, std::string_view value);

    /// False if a finding of this kind on this name was reported: a document of forty packages
    /// repeats its writer's habits forty times.
    bool first_time(std::string_view kind, std::string_view parent, std::string_view name) {
        return told_.insert(fmt::format("{} {} {}", kind, parent, name)).second;
    }

    Findings& findings_;
    Survey survey_;
    std::set<std::string> told_;
    std::size_t bytes_ = 0;
};

bool Surveyor::note(std::string path, std::string_view value) {
    bytes_ += path.size() + value.size();
    if (bytes_ > most_field_bytes) {
        if (std::exchange(survey_.complete, false)) {
            findings_.error(reason::xml_limit, {}, {},
                            "the fields of the descriptor take more than 4 MB with their paths",
                            "nest less deeply, and use shorter names");
        }
        return false;
    }
    survey_.fields.push_back({std::move(path), std::string(value)});
    return true;
}

void Surveyor::walk(const std::vector<Element>& elements, const Schema* schema,
                    const std::string& path, std::string_view parent) {
    std::map<std::string_view, std::pair<std::size_t, std::size_t>> counts;  // all, so far
    for (const Element& element : elements) ++counts[element.name].first;
    std::map<const Rule*, const Element*> first;
    for (const Element& element : elements) {
        auto& [all, so_far] = counts[element.name];
        std::string here = path.empty() ? element.name : path + '/' + element.name;
        if (all > 1) here += fmt::format("[{}]", ++so_far);
        bytes_ += here.size();
        const Rule* rule = schema ? find_rule(schema->elements, element.local_name) : nullptr;
        check_characters(element.name, element.text, place_of(element), here);
        check_namespace(element, here);
        if (rule) {
            check_known(element, *rule, here, parent, first);
        } else if (schema) {
            report_unknown(fmt::format("<{}>", element.name), parent, place_of(element), here);
        }
        const std::string_view text = core::trimmed(element.text);
        const bool bare = element.children.empty() && element.attributes.empty();
        if ((!text.empty() || bare) && !note(here, text)) return;
        static constexpr Schema nothing{};
        const Schema* inside = !rule ? nullptr : rule->inside ? rule->inside : &nothing;
        note_attributes(element, inside, here);
        walk(element.children, inside, here, element.name);
        if (!survey_.complete) return;
        survey_.paths.emplace(&element, std::move(here));
    }
}

void Surveyor::check_known(const Element& element, const Rule& rule, const std::string& path,
                           std::string_view parent, std::map<const Rule*, const Element*>& first) {
    const Place place = place_of(element);
    const bool root_of_a =
        parent.empty() && element.local_name == "Package";  // both were published
    if (element.local_name != rule.name && !root_of_a) {
        report_spelling(fmt::format("<{}>", element.local_name), rule, parent, place, path);
    }
    const auto [seen, inserted] = first.emplace(&rule, &element);
    if (!inserted && !rule.many) {
        findings_.error(reason::duplicate_element, place, path,
                        fmt::format("<{}> was given before, at {}:{}", rule.name,
                                    seen->second->line, seen->second->column),
                        "keep one of them");
    }
    if (rule.kind == Kind::group) return;
    // A list holds addresses as text or as elements, which are checked on their own.
    const std::string value =
        rule.inside ? std::string(core::trimmed(element.text)) : full_text(element);
    check_value(rule.kind, value, place, path);
}

void Surveyor::report_spelling(const std::string& name, const Rule& rule, std::string_view parent,
                               Place place, const std::string& path) {
    if (!first_time("spelling", parent, name)) return;
    findings_.warning(reason::tolerated_form, place, path,
                      fmt::format("{} was read as {}", name, rule.name),
                      fmt::format("write {}", rule.name));
}

void Surveyor::report_unknown(const std::string& name, std::string_view parent, Place place,
                              const std::string& path) {
    if (!first_time("unknown", parent, name)) return;
    const std::string where = parent.empty() ? "here" : fmt::format("in <{}>", parent);
    findings_.warning(
        reason::unknown_element, place, path,
        fmt::format("{} is not known {}; it is kept, but nothing reads it", name, where),
        "remove it, or ignore this");
}

/// Texts go to sites and into tickets, and whoever prints them there may not look; what nothing
/// reads is kept in the record.
void Surveyor::check_characters(std::string_view name, std::string_view text, Place place,
                                const std::string& path) {
    if (core::has_control_characters(name) ||
        core::has_control_characters(text, core::Text::prose)) {
        findings_.error(reason::control_characters, place, path,
                        "the text holds control characters, or some that reorder it",
                        "remove them");
    }
}

void Surveyor::check_namespace(const Element& element, const std::string& path) {
    const std::string& uri = element.namespace_uri;
    if (uri.empty() || is_namespace_of_f(uri) || !first_time("namespace", {}, uri)) return;
    const std::string_view meant = similar_namespace(uri);
    findings_.error(reason::descriptor_unknown_revision, place_of(element), path,
                    fmt::format("the namespace {} is not known", excerpt(uri)),
                    meant.empty() ? "use http://repo.egi.eu/0.2/release and its siblings, or none"
                                  : fmt::format("write {}", meant));
}

void Surveyor::note_attributes(const Element& element, const Schema* schema,
                               const std::string& path) {
    std::set<std::string> seen;
    for (const Attribute& attribute : element.attributes) {
        if (attribute.name == "xmlns" || attribute.name.starts_with("xmlns:")) continue;
        const std::string here = path + "/@" + attribute.name;
        const std::string_view value = core::trimmed(attribute.value);
        if (!note(here, value)) return;
        check_characters(attribute.name, value, place_of(element), here);
        const bool foreign = attribute.namespace_uri.starts_with("http://www.w3.org/");  // xsi, xml
        if (foreign || !schema) continue;
        const Rule* rule = find_rule(schema->attributes, attribute.local_name);
        const Place place = place_of(element);
        const std::string name = fmt::format("the attribute {}", attribute.name);
        if (!rule) {
            report_unknown(name, element.name, place, here);
            continue;
        }
        if (!seen.insert(folded(rule->name)).second) {
            findings_.error(reason::duplicate_element, place, here,
                            fmt::format("the attribute {} was given before", rule->name),
                            "keep one of them");
        }
        if (attribute.local_name != rule->name) {
            report_spelling(name, *rule, element.name, place, here);
        }
        check_value(rule->kind, value, place, here);
    }
}

void Surveyor::check_value(Kind kind, std::string_view value, Place place,
                           const std::string& path) {
    if (value.empty()) return;
    check_text(kind, value, place, path);
    if (kind == Kind::url && !says_none(value)) {
        check_urls(value, place, path);
    } else if (kind == Kind::date || kind == Kind::iso_date) {
        check_date(kind, value, place, path);
    } else if (kind == Kind::flag && !read_flag(value)) {
        findings_.warning(
            reason::bad_value, place, path,
            fmt::format("'{}' is neither yes nor no; it was taken as no", excerpt(value)),
            "write true or false");
    } else if (kind == Kind::contact && hides_mail_address(value)) {
        findings_.warning(
            reason::tolerated_form, place, path,
            fmt::format("'{}' looks like a mail address without its @", excerpt(value)),
            "write the address with @");
    } else if (kind == Kind::protocol && !says_none(value)) {
        constexpr std::array known = {"http", "https", "ftp", "rsync", "yum", "deb"};
        if (std::find(known.begin(), known.end(), core::lower(value)) == known.end()) {
            findings_.warning(reason::bad_value, place, path,
                              fmt::format("the protocol '{}' is not known", excerpt(value)),
                              "write http, https, ftp, rsync, yum or deb");
        }
    }
}

void Surveyor::check_text(Kind kind, std::string_view value, Place place, const std::string& path) {
    if (is_template_text(value)) {
        findings_.warning(reason::template_text, place, path,
                          fmt::format("'{}' is the text of the form, not yours", excerpt(value)),
                          "replace it, or remove the element");
    }
    if (kind == Kind::notes && holds_markup(value)) {
        findings_.warning(reason::tolerated_form, place, path,
                          "the text holds HTML, which is kept and shown as it stands",
                          "write plain text");
    }
}

void Surveyor::check_urls(std::string_view value, Place place, const std::string& path) {
    const std::vector<std::string> urls = core::split(value, " \t\r\n");
    if (urls.size() > 1) {
        findings_.warning(reason::tolerated_form, place, path,
                          fmt::format("{} words in an element for one address; each was taken as "
                                      "an address",
                                      urls.size()),
                          "give each address an element of its own, or keep one");
    }
    for (const std::string& url : urls) {
        const std::size_t host = url.find("://");
        const std::string scheme = core::lower(url.substr(0, host));
        constexpr std::array known = {"http", "https", "ftp", "rsync"};
        if (host == std::string::npos ||
            std::find(known.begin(), known.end(), scheme) == known.end()) {
            findings_.warning(reason::bad_value, place, path,
                              fmt::format("'{}' is no address that can be fetched", excerpt(url)),
                              "write it with http://, https://, ftp:// or rsync://");
            return;  // the others will be like it
        }
        if (url.find("//", host + 3) != std::string::npos) {
            findings_.warning(reason::tolerated_form, place, path,
                              fmt::format("'{}' has an empty part (//)", excerpt(url)),
                              "remove one of the slashes");
            return;
        }
    }
}

void Surveyor::check_date(Kind kind, std::string_view value, Place place, const std::string& path) {
    const DateReading date =
        read_date(value, kind == Kind::date ? DateForm::day_month_year : DateForm::compact);
    if (date.iso.empty()) {
        findings_.warning(reason::bad_date, place, path,
                          fmt::format("'{}' is no date; the release has none", excerpt(value)),
                          date.remedy);
    } else if (!date.expected_form) {
        findings_.warning(reason::tolerated_form, place, path,
                          fmt::format("the date '{}' was read as {}", excerpt(value), date.iso),
                          date.remedy);
    }
}

}  // namespace

Survey survey(const std::vector<Element>& elements, const Schema& schema, Findings& findings) {
    return Surveyor(findings).run(elements, schema);
}

Place place_of(const Element& element) {
    return {element.line, element.column};
}

std::string full_text(const Element& element) {
    std::string text(core::trimmed(element.text));
    for (const Element& child : element.children) {
        const std::string inner = full_text(child);
        if (!inner.empty()) text += (text.empty() ? "" : " ") + inner;
    }
    return text;
}

}  // namespace bundle
