package ledger

import (
	"fmt"
	"testing"
)

func TestDomains(t *testing.T) {
	w := newWorld(t)
	pool, other, lite := w.pool(nil), w.pool(nil), w.pool(M{"UserPoolTier": "LITE"})
	books := M{"UserPoolId": pool, "Domain": "books"}
	for _, operation := range []string{"UpdateUserPoolDomain", "DeleteUserPoolDomain"} {
		w.provoke(operation, books, "InvalidParameterException", "the user pool had no such domain")
	}
	w.do("CreateUserPoolDomain", books)
	w.provoke("CreateUserPoolDomain", with(books, M{"UserPoolId": other}), "InvalidParameterException", "the domain was another user pool's")
	w.provoke("CreateUserPoolDomain", M{"UserPoolId": lite, "Domain": "lite", "ManagedLoginVersion": 2}, "FeatureUnavailableInTierException",
		"managed login was asked for in the plan Lite")
	w.do("CreateUserPoolDomain", M{"UserPoolId": lite, "Domain": "lite"})
	w.provoke("UpdateUserPoolDomain", M{"UserPoolId": lite, "Domain": "lite", "ManagedLoginVersion": 2}, "FeatureUnavailableInTierException",
		"managed login was asked for in the plan Lite")
	custom := func(i int) M {
		return M{"UserPoolId": w.pool(nil), "Domain": fmt.Sprintf("auth%d.example.com", i),
			"CustomDomainConfig": M{"CertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/one"}}
	}
	for i := range 4 {
		w.do("CreateUserPoolDomain", custom(i))
	}
	w.provoke("CreateUserPoolDomain", custom(4), "LimitExceededException", "there were four custom domains in the region")
	w.race("UpdateUserPoolDomain", func(int) M { return with(books, M{"ManagedLoginVersion": 2}) }, "ConcurrentModificationException",
		"two changed the domain at the same time")
	w.raceAmong("DeleteUserPoolDomain", func() []rival {
		w.call("CreateUserPoolDomain", books)
		update := rival{"UpdateUserPoolDomain", with(books, M{"ManagedLoginVersion": 2})}
		return []rival{update, update, update, {"DeleteUserPoolDomain", books}, update, update}
	}, "ConcurrentModificationException", "another changed the domain at the same time")
}
