package directory

import (
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/tdewolff/parse/v2"
	"github.com/tdewolff/parse/v2/css"
)

// styleSheetLimit is how long the style sheet of the classic pages may be, in bytes.
const styleSheetLimit = 3 << 10

// classicProperties are the selectors that a style sheet of the classic pages may have, with their properties.
var classicProperties = map[string][]string{
	".background-customizable":             {"background-color"},
	".banner-customizable":                 {"padding", "background-color"},
	".errorMessage-customizable":           {"margin", "padding", "font-size", "width", "background", "border", "color", "box-sizing"},
	".idpButton-customizable":              {"height", "width", "text-align", "margin-bottom", "color", "background-color", "border-color"},
	".idpButton-customizable:hover":        {"color", "background-color"},
	".idpDescription-customizable":         {"padding-top", "padding-bottom", "display", "font-size"},
	".inputField-customizable":             {"width", "height", "color", "background-color", "border"},
	".inputField-customizable:focus":       {"border-color", "outline"},
	".label-customizable":                  {"font-weight"},
	".legalText-customizable":              {"color", "font-size"},
	".logo-customizable":                   {"max-width", "max-height"},
	".passwordCheck-notValid-customizable": {"color"},
	".passwordCheck-valid-customizable":    {"color"},
	".redirect-customizable":               {"color", "text-align"},
	".socialButton-customizable":           {"border-radius", "height", "margin-bottom", "padding", "text-align", "width"},
	".submitButton-customizable":           {"font-size", "font-weight", "margin", "width", "height", "color", "background-color"},
	".submitButton-customizable:hover":     {"color", "background-color"},
	".textDescription-customizable":        {"padding-top", "padding-bottom", "display", "font-size"},
}

// styleFunctions are the only functions in values: those that name a colour.
var styleFunctions = []string{"rgb(", "rgba(", "hsl(", "hsla("}

// checkStyleSheet refuses what a style sheet of the classic pages cannot have: rules with @, other selectors, other
// properties of theirs, values that load or run something.
func checkStyleSheet(text string) error {
	if len(text) > styleSheetLimit {
		return invalid("CSS must not be longer than 3 KB.")
	}
	if strings.ContainsAny(text, `<\`) { // in a comment, too: the sheet stands in a page
		return invalid("CSS must not have the characters < and \\.")
	}
	p := css.NewParser(parse.NewInputString(text), false)
	var properties [][]string // of each selector of the rule that is open
	for {
		grammar, _, name := p.Next()
		switch grammar {
		case css.ErrorGrammar:
			if errors.Is(p.Err(), io.EOF) {
				return nil
			}
			return invalid("CSS is not valid.")
		case css.CommentGrammar:
		case css.AtRuleGrammar, css.BeginAtRuleGrammar:
			return invalid("CSS must not have the rule " + shownStyle(string(name)) + ".")
		case css.QualifiedRuleGrammar, css.BeginRulesetGrammar:
			for selector := range strings.SplitSeq(styleText(p.Values()), ",") {
				allowed, ok := classicProperties[strings.TrimSpace(selector)]
				if !ok {
					return invalid("CSS must not have the selector " + shownStyle(selector) + ".")
				}
				properties = append(properties, allowed)
			}
		case css.EndRulesetGrammar:
			properties = nil
		case css.DeclarationGrammar:
			if err := checkDeclaration(strings.ToLower(string(name)), p.Values(), properties); err != nil {
				return err
			}
		default:
			return invalid("CSS is not valid.")
		}
	}
}

func checkDeclaration(property string, value []css.Token, properties [][]string) error {
	for _, allowed := range properties {
		if !slices.Contains(allowed, property) {
			return invalid("CSS must not have the property " + shownStyle(property) + " here.")
		}
	}
	refused := invalid("CSS has a value of " + shownStyle(property) + " that is not allowed.")
	if len(properties) == 0 || !plainValue(value) {
		return refused
	}
	text, _, _ := strings.Cut(strings.ToLower(styleText(value)), "!") // important
	switch text = strings.TrimSpace(text); property {
	case "display":
		if text != "block" && text != "inline" {
			return refused
		}
	case "font-weight":
		weight, err := strconv.Atoi(text)
		if text != "normal" && text != "bold" && (err != nil || weight < 100 || weight > 900) {
			return refused
		}
	}
	return nil
}

// plainValue says whether a value is words, numbers and colours.
func plainValue(value []css.Token) bool {
	words := 0
	for _, t := range value {
		switch t.TokenType {
		case css.IdentToken, css.HashToken, css.NumberToken, css.PercentageToken, css.DimensionToken:
			words++
		case css.WhitespaceToken, css.CommaToken, css.RightParenthesisToken:
		case css.DelimToken:
			if d := string(t.Data); d != "!" && d != "/" {
				return false
			}
		case css.FunctionToken:
			if !slices.Contains(styleFunctions, strings.ToLower(string(t.Data))) {
				return false
			}
		default:
			return false
		}
		if strings.ContainsRune(string(t.Data), '\\') {
			return false
		}
	}
	return words > 0
}

// styleText is what tokens say, without white space around it.
func styleText(tokens []css.Token) string {
	var b strings.Builder
	for _, t := range tokens {
		b.Write(t.Data)
	}
	return strings.TrimSpace(b.String())
}

// shownStyle is a part of a style sheet for a message.
func shownStyle(text string) string {
	const longest = 64
	if len(text) > longest {
		text = text[:longest] + "…"
	}
	return strings.ToValidUTF8(text, "")
}
