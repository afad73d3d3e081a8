package ledger

import "testing"

func TestTerms(t *testing.T) {
	w := newWorld(t)
	pool := w.pool(nil)
	termsOf := func(pool, name string) M {
		return M{"UserPoolId": pool, "ClientId": w.client(pool, nil), "TermsName": name, "TermsSource": "LINK", "Enforcement": "NONE",
			"Links": M{"cognito:default": "https://example.com/"}}
	}
	use := termsOf(pool, "terms-of-use")
	for _, operation := range []string{"DescribeTerms", "UpdateTerms", "DeleteTerms"} {
		w.provoke(operation, M{"UserPoolId": pool, "TermsId": noUUID}, "ResourceNotFoundException", "there were no such terms")
	}
	w.provoke("DescribeTermsByClient", M{"UserPoolId": pool, "ClientId": use["ClientId"], "TermsName": "terms-of-use"},
		"ResourceNotFoundException", "the app client had no such terms")
	w.provoke("CreateTerms", with(use, M{"ClientId": noClient}), "ResourceNotFoundException", "there was no such app client")
	w.provoke("CreateTerms", with(use, M{"Links": M{"cognito:default": "terms.html"}}), "InvalidParameterException", "the link was no address")
	w.do("CreateTerms", use)
	w.provoke("CreateTerms", use, "TermsExistsException", "the app client had terms of that name")
	terms := M{"UserPoolId": pool, "TermsId": w.do("CreateTerms", with(use, M{"TermsName": "privacy-policy"}))["Terms"].(M)["TermsId"]}
	w.provoke("UpdateTerms", with(terms, M{"TermsName": "terms-of-use"}), "TermsExistsException", "the app client had terms of that name")
	w.provoke("UpdateTerms", with(terms, M{"Links": M{"cognito:default": "terms.html"}}), "InvalidParameterException", "the link was no address")
	w.provoke("ListTerms", M{"UserPoolId": pool, "NextToken": "nobodys"}, "InvalidParameterException", "the token was no page of this list")
	change := rival{"UpdateTerms", with(terms, M{"Links": M{"cognito:default": "https://example.com/new"}})}
	w.race("UpdateTerms", func(int) M { return change.in }, "ConcurrentModificationException", "two changed the terms at the same time")
	w.raceAmong("DeleteTerms", func() []rival {
		if out, exception, _ := w.call("CreateTerms", with(use, M{"TermsName": "privacy-policy"})); exception == "" {
			terms = M{"UserPoolId": pool, "TermsId": out["Terms"].(M)["TermsId"]}
		}
		change := rival{"UpdateTerms", with(terms, M{"Enforcement": "NONE"})}
		return []rival{change, change, change, {"DeleteTerms", terms}, change, change}
	}, "ConcurrentModificationException", "another changed the terms at the same time")
	full := w.pool(nil)
	for range 20 {
		both := termsOf(full, "terms-of-use")
		w.do("CreateTerms", both)
		w.do("CreateTerms", with(both, M{"TermsName": "privacy-policy"}))
	}
	w.provoke("CreateTerms", termsOf(full, "terms-of-use"), "LimitExceededException", "there were forty terms documents")
}
