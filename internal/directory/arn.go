package directory

import (
	"regexp"
	"strings"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// arn is an Amazon Resource Name in its parts.
type arn struct{ partition, service, region, account, resource string }

var (
	accountForm = regexp.MustCompile(`^[0-9]{12}$`)
	// regionForm is that of a region of the service. In dev mode callers sign for others, too, which regionText takes.
	regionForm = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}$`)
	regionText = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)
)

// parseARN takes a name apart. region and account may be empty, as some services have it.
func parseARN(text string) (arn, bool) {
	parts := strings.SplitN(text, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" || !strings.HasPrefix(parts[1], "aws") || parts[2] == "" || parts[5] == "" {
		return arn{}, false
	}
	a := arn{parts[1], parts[2], parts[3], parts[4], parts[5]}
	return a, (a.region == "" || regionText.MatchString(a.region)) && (a.account == "" || accountForm.MatchString(a.account))
}

// isARNOf says whether text is the ARN of a resource of that service and form, with region and account.
func isARNOf(text, service string, resource *regexp.Regexp) bool {
	a, ok := parseARN(text)
	return ok && a.service == service && a.region != "" && a.account != "" && resource.MatchString(a.resource)
}

// isRole says whether text is the ARN of a role.
func isRole(text string) bool {
	a, ok := parseARN(text)
	return ok && a.service == "iam" && a.region == "" && a.account != "" && strings.HasPrefix(a.resource, "role/") && len(a.resource) > len("role/")
}

var (
	emailIdentity  = regexp.MustCompile(`^identity/[^\s/]+$`)
	logGroup       = regexp.MustCompile(`^log-group:[.\-_/#A-Za-z0-9]{1,512}$`)
	deliveryStream = regexp.MustCompile(`^deliverystream/[a-zA-Z0-9_.-]{1,64}$`)
	multiRegionKey = regexp.MustCompile(`^key/mrk-[0-9a-zA-Z]+$`)
	bucketName     = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
)

func isBucket(text string) bool {
	a, ok := parseARN(text)
	return ok && a.service == "s3" && a.region == "" && a.account == "" && bucketName.MatchString(a.resource)
}

// PoolOfARN gives region and id of the pool that an ARN names; a replica's has the region of the replica. What names
// no pool is InvalidParameter; what names one of another account is no pool.
func (s *Service) PoolOfARN(text string) (region, id string, err error) {
	a, ok := parseARN(text)
	id, pool := strings.CutPrefix(a.resource, "userpool/")
	if !ok || a.service != "cognito-idp" || a.region == "" || a.account == "" || !pool || !poolIDForm.MatchString(id) {
		return "", "", invalid("ResourceArn must be the ARN of a user pool: " + text)
	}
	if a.account != s.Account || a.partition != partition(a.region) {
		return "", "", userpool.NoSuchPool(id)
	}
	return a.region, id, nil
}
