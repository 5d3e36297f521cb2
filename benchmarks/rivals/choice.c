/* The choice of retrofits (phase 7) in C: the same rules, written as one would write them here.

   rows.h is made from the declarations of the columns, so both read the same memory. Compile without contraction of
   a*b+c (-ffp-contract=off): then the same operations give the same bits. */

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "rows.h"

#define BEYOND_ROUNDING 1e-9

typedef struct {
    double coal, gas, oil, electricity, heat;
} Carriers;

typedef struct {
    int row;
    const Firm *firm;
    const Agenda *agenda;
    Carriers use;     /* tce a year */
    double output;    /* yearly */
    const Plant *plant;
    Carriers price;   /* of a saved tce */
    double equivalent, water;
    bool inspected, earns;
} Chooser;

typedef struct {
    double units, capex, saving;
} Case;

typedef struct {
    int64_t voluntary, lines, mandated; /* sets of options */
    bool inspection;
    double firing, limits;
} Terms;

/* Mathematics and draws */

static inline double as_float(int64_t bits) { double x; memcpy(&x, &bits, 8); return x; }
static inline int64_t as_bits(double x) { int64_t bits; memcpy(&bits, &x, 8); return bits; }

static inline double exponential(double x) {
    double bounded = x < -746.0 ? -746.0 : x > 710.0 ? 710.0 : x;
    double shifted = bounded * 1.4426950408889634 + 6755399441055744.0;
    double k = shifted - 6755399441055744.0;
    double high = bounded - k * 0.6931471803691238, low = k * 1.9082149292705877e-10, r = high - low;
    double p = 2.7630306208172274e-07 + r * 2.5000013913453016e-08;
    p = 2.480149294975501e-05 + r * (2.7557586818266117e-06 + r * p);
    p = 0.0013888888943759845 + r * (0.0001984126950575929 + r * p);
    p = 0.041666666666529725 + r * (0.008333333333494983 + r * p);
    p = 0.5000000000000011 + r * (0.1666666666666641 + r * p);
    double mantissa = 1.0 + (high - (low - r * r * p));
    int64_t whole = as_bits(shifted) - 0x4338000000000000, half = whole >> 1;
    return mantissa * as_float((half + 1023) << 52) * as_float((whole - half + 1023) << 52);
}

static inline double logarithm(double x) { /* of a positive, finite, normal number */
    int64_t bits = as_bits(x) + (0x3FF0000000000000 - 0x3FE6A09E667F3BCD);
    double k = (double)((bits >> 52) - 1023);
    double f = as_float((bits & 0x000FFFFFFFFFFFFF) + 0x3FE6A09E667F3BCD) - 1.0;
    double s = f / (2.0 + f), z = s * s;
    double p = 0.1818357216161805 + z * (0.15313837699209373 + z * 0.14798198605116586);
    p = 0.2857142874366239 + z * (0.22222198432149784 + z * p);
    p = z * (0.6666666666666735 + z * (0.3999999999940942 + z * p));
    double half_square = 0.5 * f * f;
    return k * 0.6931471803691238 - ((half_square - (s * (half_square + p) + k * 1.9082149292705877e-10)) - f);
}

static inline double logistic(double x) {
    double tail = exponential(-fabs(x));
    return x >= 0.0 ? 1.0 / (1.0 + tail) : tail / (1.0 + tail);
}

static inline int64_t whole(double x) {
    int64_t cut = (int64_t)x;
    return cut + (int64_t)(2.0 * (x - (double)cut));
}

static double uniform(int64_t seed, int64_t identity, int64_t item, int64_t quarter, int decision, int64_t replicate) {
    uint32_t a = (uint32_t)identity, b = (uint32_t)item, c = (uint32_t)(quarter * 256 + decision);
    uint32_t d = (uint32_t)replicate, key_0 = (uint32_t)seed, key_1 = (uint32_t)(seed >> 32);
    for (int round = 0; round < 10; round++) {
        uint64_t first = (uint64_t)a * 0xD2511F53, second = (uint64_t)c * 0xCD9E8D57;
        a = (uint32_t)(second >> 32) ^ b ^ key_0;
        c = (uint32_t)(first >> 32) ^ d ^ key_1;
        b = (uint32_t)second;
        d = (uint32_t)first;
        key_0 += 0x9E3779B9;
        key_1 += 0xBB67AE85;
    }
    uint64_t point = ((uint64_t)a << 21) | (b >> 11);
    return point ? (double)point * 1.1102230246251565e-16 : 5.551115123125783e-17;
}

/* Terms of the quarter */

static double annuity_factor(double rate, double lifetime) {
    return rate <= 0.0 ? lifetime : (1.0 - exponential(-lifetime * logarithm(1.0 + rate))) / rate;
}

static void write_loan_terms(const District *in) {
    double usual = in->prices->loan_rate, offered = usual;
    const Policy *policy = in->policy;
    if (policy->green_credit_quota + policy->relending_quota > 0.0 && in->mechanisms->lending > 0.0) {
        double passed_on = policy->relending_pass_through * policy->relending_share * policy->relending_rate_cut;
        offered -= policy->green_credit_discount + passed_on;
    }
    for (int option = 0; option < N_OPTIONS; option++) {
        double lifetime = in->options[option].lifetime;
        Costs *cost = &in->costs[option];
        cost->annuity = annuity_factor(usual, lifetime);
        cost->financing = cost->annuity / annuity_factor(offered, lifetime);
        cost->irreversible_cutoff =
            annuity_factor(in->behaviour->irreversible_hurdle, lifetime) / in->behaviour->option_multiple;
    }
}

/* What a firm is charged, and what an option brings */

static inline double total(Carriers use) { return use.coal + use.gas + use.oil + use.electricity + use.heat; }

static inline double bill(Carriers use, Carriers price) {
    return use.coal * price.coal + use.gas * price.gas + use.oil * price.oil + use.electricity * price.electricity +
           use.heat * price.heat;
}

static double carbon_rate(const Firm *firm, const SectorTraits *sector, const District *in) {
    const Policy *policy = in->policy;
    const Factors *factors = in->factors;
    double intensity = firm->coal_intensity * factors->coal_emission + firm->gas_intensity * factors->gas_emission +
                       firm->oil_intensity * factors->oil_emission + firm->process_intensity;
    double emissions = 4.0 * firm->base_output * intensity;
    bool listed = sector->power || (sector->intensive && policy->national_carbon_extension >= 0.5);
    if (listed && policy->national_carbon_price > 0.0 && emissions >= policy->national_carbon_threshold * firm->weight)
        return policy->national_carbon_price * policy->national_carbon_multiplier * 0.0001;
    if (emissions >= policy->carbon_price_threshold * firm->weight)
        return policy->carbon_price_price * policy->carbon_price_multiplier * 0.0001;
    return 0.0;
}

static void write_worth(Chooser *chooser, const District *in) {
    const Firm *firm = chooser->firm;
    const SectorTraits *sector = &in->sectors[firm->sector];
    const Policy *policy = in->policy;
    const Prices *prices = in->prices;
    const Factors *factors = in->factors;
    double carbon = 0.0, right = 0.0, extra = 0.0;
    if (in->mechanisms->rights > 0.0) {
        double energy = firm->coal_intensity + firm->gas_intensity + firm->oil_intensity +
                        firm->electricity_intensity + firm->heat_intensity;
        double net = energy - firm->electricity_sold - firm->heat_sold;
        carbon = carbon_rate(firm, sector, in);
        if (4.0 * firm->base_output * net >= policy->energy_rights_threshold * firm->weight)
            right = policy->energy_rights_price * 0.0001;
        if (firm->above_scale) chooser->equivalent = policy->pollution_rights_price * 0.0001;
        if (4.0 * firm->base_output * firm->water_intensity >= policy->water_rights_threshold * firm->weight)
            chooser->water = policy->water_rights_price;
    }
    if (sector->intensive) {
        double intensity = chooser->plant->electricity;
        double allowed = policy->tiered_electricity_threshold * sector->electricity;
        bool above = intensity > allowed && (intensity - allowed) / intensity > 0.0;
        extra = policy->differential_electricity_surcharge * policy->differential_electricity_multiplier +
                (above ? policy->tiered_electricity_surcharge : 0.0);
    }
    double usual = prices->electricity_price * prices->energy_part;
    double saved = firm->small_power ? prices->small_electricity_price : usual;
    chooser->price = (Carriers){
        prices->coal_price + carbon * factors->coal_emission + right,
        prices->gas_price + carbon * factors->gas_emission + right,
        prices->oil_price + carbon * factors->oil_emission + right,
        (saved + extra) * 0.1 / factors->electricity_energy + right,
        prices->heat_price + right,
    };
}

static inline double bounded(double share, double largest) {
    return share < 0.0 ? 0.0 : share < largest ? share : largest;
}

static double sizing_quantity(int64_t base, const Chooser *at, double saved) {
    switch (base) {
    case 0: return at->use.coal;
    case 1: return at->use.gas;
    case 2: return at->use.oil;
    case 3: return at->use.electricity;
    case 4: return at->use.heat;
    case 5: return at->use.coal + at->use.gas + at->use.oil;
    case 6: return total(at->use);
    case 7: return at->output;
    case 8: return at->firm->roof_area;
    case 9: return at->firm->weight;
    case 10: return at->output * at->plant->water;
    case 11: return at->output * at->plant->waste;
    case 12: return saved;
    case 13: return at->output * at->plant->voc;
    case 14: return at->output * at->plant->nox;
    default: return at->output * at->plant->cod;
    }
}

static double project_units(const Fit *fit, double quantity, double firms, double own_use) {
    double units = fit->units_per_base * quantity, most = fit->max_units * firms;
    if (0.0 < most && most < units) units = most;
    if (fit->yield_tce_per_unit > 0.0 && units * fit->yield_tce_per_unit > own_use)
        units = own_use / fit->yield_tce_per_unit;
    return units;
}

static Case case_of(int option, const Chooser *at, const District *in) {
    const Offer *offer = &in->options[option];
    const Fit *fit = &in->fits[option * N_SECTORS + at->firm->sector];
    const Policy *policy = in->policy;
    const Factors *factors = in->factors;
    double largest = factors->largest_cut, ease = offer->saving_factor;
    Carriers cut = {
        bounded(fit->cut_coal * ease, largest) * at->use.coal,
        bounded(fit->cut_gas * ease, largest) * at->use.gas,
        bounded(fit->cut_oil * ease, largest) * at->use.oil,
        bounded(fit->cut_electricity * ease, largest) * at->use.electricity,
        bounded(fit->cut_heat * ease, largest) * at->use.heat,
    };
    double quantity = sizing_quantity(fit->sizing_base, at, total(cut));
    double units = project_units(fit, quantity, at->firm->weight, factors->own_use_share * at->use.electricity);
    double generated = units * fit->yield_tce_per_unit;
    if (generated > 0.0) cut.electricity = generated;
    double switched = total(cut) * fit->switch_ratio, extra = total(at->use);
    Carriers added = {
        fit->switch_carrier == 0 ? switched : 0.0,
        (fit->switch_carrier == 1 ? switched : 0.0) + fit->extra_gas * extra,
        fit->switch_carrier == 2 ? switched : 0.0,
        (fit->switch_carrier == 3 ? switched : 0.0) + fit->extra_electricity * extra,
        fit->switch_carrier == 4 ? switched : 0.0,
    };
    double nox = offer->nox_cut * (at->output * at->plant->nox), voc = offer->voc_cut * (at->output * at->plant->voc);
    double cod = offer->cod_cut * (at->output * at->plant->cod);
    double ammonia = offer->ammonia_cut * (at->output * at->plant->ammonia);
    double air = nox / factors->nox_equivalent + voc / factors->voc_equivalent;
    double in_water = cod / factors->cod_equivalent + ammonia / factors->ammonia_equivalent;
    double rate = policy->environmental_tax_air * air + policy->environmental_tax_water * in_water;
    double avoided = rate * policy->environmental_tax_multiplier * 0.0001;
    avoided += at->equivalent * (air + cod / factors->cod_equivalent + ammonia / factors->ammonia_equivalent);
    double water = offer->water_cut * (at->output * at->plant->water) * (in->prices->water_price + at->water) * 0.0001;
    double capex = units * offer->unit_capex * in->costs[option].capex_index;
    double saved = bill(cut, at->price) - bill(added, at->price);
    double saving = saved + avoided + water + (offer->nonenergy_benefit - offer->opex_share) * capex;
    return (Case){units, capex, saving};
}

/* Money that others pay */

static double claim_of(const Offer *offer, Case of, double firms, const District *in) {
    const Policy *policy = in->policy;
    double share, threshold = 0.0, cap, purse, base = offer->equipment_share * of.capex;
    if (in->mechanisms->grants <= 0.0) return 0.0;
    switch (offer->programme) {
    case RETROFIT:
        share = policy->retrofit_grant_share, threshold = policy->retrofit_grant_threshold;
        cap = policy->retrofit_grant_cap, purse = policy->retrofit_grant_purse;
        break;
    case DIGITAL:
        share = policy->digital_grant_share, threshold = policy->digital_grant_threshold;
        cap = policy->digital_grant_cap, purse = policy->digital_grant_purse;
        break;
    case PV:
        share = policy->pv_grant_rate, cap = policy->pv_grant_cap, purse = policy->pv_grant_purse, base = of.units;
        break;
    default: return 0.0;
    }
    if (share <= 0.0 || purse <= 0.0 || base < threshold * firms) return 0.0;
    return share * base < cap * firms ? share * base : cap * firms;
}

static double tax_credit(const Offer *offer, double capex, bool earns, const District *in) {
    return earns ? in->policy->equipment_credit_share * offer->equipment_share * capex : 0.0;
}

static double net_capex(double capex, double credit, double grant) {
    double left = capex - credit - grant, least = 0.01 * capex;
    return left > least ? left : least;
}

/* Peers */

typedef struct {
    int fitting, having; /* partners that an option fits, and those of them that have it */
} Partners;

static inline void add_partner(Partners *found, int32_t partner, int option, int parts, const District *in) {
    const Peer *peer = &in->peers[partner];
    int now = parts > 0; /* no branch, as nobody can guess who has parts */
    found->fitting += (int)(peer->fitting >> option) & now;
    found->having += (int)(peer->having >> option) & now;
}

static Partners count_partners(int row, int option, const District *in) {
    Partners found = {0, 0};
    for (int64_t link = in->supplier_start[row]; link < in->supplier_start[row + 1]; link++)
        add_partner(&found, in->customer[link], option, in->kept[link], in);
    for (int64_t place = in->substitute_start[row]; place < in->substitute_start[row + 1]; place++)
        add_partner(&found, in->customer[in->instead[place]], option, in->moved[place], in);
    for (int64_t k = in->customer_start[row]; k < in->customer_start[row + 1]; k++) {
        int32_t link = in->link[k];
        add_partner(&found, in->supplier[k], option, in->kept[link], in);
        if (in->kept[link] < WHOLE_LINK)
            for (int other = 0; other < N_PLACES - 1; other++) {
                int32_t place = in->place[link * (N_PLACES - 1) + other];
                if (place >= 0 && in->moved[place] > 0)
                    add_partner(&found, in->substitute[link * (N_PLACES - 1) + other], option, in->moved[place], in);
            }
    }
    return found;
}

static double peer_weights(const District *in) {
    const Behaviour *rules = in->behaviour;
    return in->mechanisms->peers > 0.0 ? rules->sector_peers + rules->park_peers + rules->partner_peers : 0.0;
}

static double near_peers(const Chooser *at, int option, const District *in) {
    const Behaviour *rules = in->behaviour;
    int64_t sector = at->firm->sector * N_OPTIONS + option, park = at->firm->park * N_OPTIONS + option;
    double share = rules->sector_peers * (double)in->in_sector[sector] / (double)in->fit_sector[sector];
    return share + rules->park_peers * (double)in->in_park[park] / (double)in->fit_park[park];
}

static bool finds_acceptable(int option, double years, double ratio, const Chooser *at, const District *in) {
    const Behaviour *rules = in->behaviour;
    double luck = uniform(in->seed, at->firm->firm, option, 0, ACCEPTANCE, in->replicate);
    double requests = (double)in->standing[at->row].requests, pressure = requests / (1.0 + requests);
    bool slow = in->options[option].irreversible;
    double cutoff = slow ? in->costs[option].irreversible_cutoff : at->firm->payback_cutoff;
    double worth = rules->payback_slope * (logarithm(cutoff / years) - (rules->cost_weight - 1.0) * logarithm(ratio));
    double asked = rules->request_weight * pressure;
    double weights = peer_weights(in), near = 0.0, least = 0.0, most = 0.0;
    if (weights > 0.0) {
        near = near_peers(at, option, in);
        least = near / weights;
        most = (near + rules->partner_peers) / weights;
    }
    double alone = logistic(worth + (rules->peer_weight * least + asked));
    double among = logistic(worth + (rules->peer_weight * most + asked));
    if (luck > fmax(alone, among) + BEYOND_ROUNDING) return false;
    if (luck < fmin(alone, among) - BEYOND_ROUNDING) return true;
    double share = 0.0;
    if (weights > 0.0) {
        Partners partners = count_partners(at->row, option, in);
        if (partners.fitting > 0) near += rules->partner_peers * partners.having / partners.fitting;
        share = near / weights;
    }
    return logistic(worth + (rules->peer_weight * share + asked)) >= luck;
}

/* The choice */

static bool under_orders(const Firm *firm, int option, double coverage, const District *in) {
    return uniform(in->seed, firm->firm, option, 0, ORDERED, in->replicate) < coverage;
}

static int64_t ordered_options(const Firm *firm, int64_t candidates, double limits, const District *in) {
    double coal = 4.0 * firm->base_output * firm->coal_intensity;
    bool small = 0.0 < coal && coal <= in->policy->coal_substitution_size * firm->weight;
    double boilers = small ? in->policy->coal_substitution_boilers : 0.0, most = boilers > limits ? boilers : limits;
    int64_t orders = 0;
    if (most <= 0.0) return 0;
    for (int64_t rest = candidates; rest; rest &= rest - 1) {
        int option = __builtin_ctzll((uint64_t)rest);
        if (under_orders(firm, option, in->options[option].coal_boiler ? most : limits, in))
            orders |= (int64_t)1 << option;
    }
    return orders;
}

static bool in_window(double window, double phase, int64_t quarter) {
    if (window <= 1.0) return true;
    double position = (double)quarter + phase * window;
    return position - window * (double)(int64_t)(position / window) < 1.0;
}

static int judge(int option, Case of, double firing, const Chooser *at, const District *in) {
    if (of.saving <= 0.0) return 0;
    const Offer *offer = &in->options[option];
    double credit = tax_credit(offer, of.capex, at->earns, in);
    double net = net_capex(of.capex, credit, claim_of(offer, of, at->firm->weight, in));
    double years = net * in->costs[option].financing / of.saving;
    if (at->inspected && years <= in->policy->efficiency_benchmark_payback &&
        under_orders(at->firm, option, in->policy->efficiency_benchmark_coverage, in))
        return 4;
    if (!(at->agenda->noticed >> option & 1)) return 0;
    if (!finds_acceptable(option, years, net / of.capex, at, in)) return 0;
    if (!in_window(offer->window_quarters, at->firm->repair_phase, in->quarter)) return 1;
    return uniform(in->seed, at->firm->firm, option, in->quarter, FIRE, in->replicate) < firing ? 3 : 2;
}

static int obey(Case of, double annuity, Proposals *proposal, const District *in) {
    double fine = in->policy->emission_limits_penalty;
    if (of.capex / annuity - of.saving <= fine * of.capex) return 4;
    proposal->penalty += whole(0.25 * fine * of.capex * FEN);
    return 0;
}

static void propose(int option, bool ordered, Case of, const Chooser *at, Proposals *proposal, const District *in) {
    const Offer *offer = &in->options[option];
    double credit = tax_credit(offer, of.capex, at->earns, in);
    bool stands = ordered;
    if (!stands) {
        double net = net_capex(of.capex, credit, 0.0), years = net * in->costs[option].financing / of.saving;
        stands = finds_acceptable(option, years, net / of.capex, at, in);
    }
    proposal->option = (int8_t)option;
    proposal->ordered = ordered;
    proposal->needs_grant = !stands;
    proposal->capex = whole(of.capex * FEN);
    proposal->grant = whole(claim_of(offer, of, at->firm->weight, in) * FEN);
    proposal->programme = (int8_t)offer->programme;
    proposal->credit = whole(credit * FEN);
    proposal->saving = whole(of.saving * FEN);
}

static int pick(int64_t willing, int64_t ordered, double firing, const Chooser *at, const District *in) {
    int best = -1;
    bool best_ordered = false, acceptable = false, waiting = false;
    double best_value = -1.0e300;
    Case best_case = {0.0, 0.0, 0.0};
    Proposals *proposal = &in->proposals[at->row];
    for (int64_t rest = willing | ordered; rest; rest &= rest - 1) {
        int option = __builtin_ctzll((uint64_t)rest);
        if (in->options[option].excludes & (at->agenda->adopted | at->agenda->building)) continue;
        Case of = case_of(option, at, in);
        if (of.capex <= 0.0) continue;
        double annuity = in->costs[option].annuity;
        int verdict = ordered >> option & 1 ? obey(of, annuity, proposal, in) : judge(option, of, firing, at, in);
        acceptable |= verdict >= 1;
        waiting |= verdict == 1;
        if (verdict < 3) continue;
        double value = of.saving * annuity - of.capex;
        bool must = verdict == 4;
        if ((must && !best_ordered) || (must == best_ordered && value > best_value))
            best = option, best_ordered = must, best_case = of, best_value = value;
    }
    if (best >= 0) {
        propose(best, best_ordered, best_case, at, proposal, in);
        return NONE;
    }
    return acceptable && !waiting ? NONE : waiting ? WAITING_WINDOW : CUTOFF;
}

static int64_t surplus_of(const int64_t *ledger) {
    int64_t booked = 0;
    for (int term = 0; term < INTEREST; term++) booked += ledger[term];
    return booked + ledger[PENALTY] + ledger[BY_PRODUCT_TRADE] + ledger[BY_PRODUCT_BALANCE];
}

static int choose_one(int row, const Terms *terms, const District *in) {
    const Firm *firm = &in->firms[row];
    const Agenda *agenda = &in->agenda[row];
    const Trade *trade = &in->trade[row];
    const Plant *plant = &in->plant[row];
    int64_t unbuilt = firm->eligible & ~(agenda->adopted | agenda->building) & ~terms->lines;
    bool inspected = terms->inspection && in->sectors[firm->sector].intensive, free_slot = false;
    int64_t known = inspected ? unbuilt : unbuilt & agenda->noticed;
    int64_t ordered = ordered_options(firm, unbuilt & terms->mandated, terms->limits, in);
    if (!(known | ordered)) return unbuilt ? UNAWARE : INELIGIBLE;
    for (int slot = 0; slot < N_SLOTS; slot++) free_slot |= in->projects[row * N_SLOTS + slot].option < 0;
    if (!free_slot || trade->output <= 0.0) return NONE;
    double output = 4.0 * trade->output;
    Chooser chooser = {
        .row = row, .firm = firm, .agenda = agenda, .plant = plant, .output = output, .inspected = inspected,
        .use = {output * plant->coal, output * plant->gas, output * plant->oil, output * plant->electricity,
                output * plant->heat},
        .earns = surplus_of(&in->ledger[row * N_TERMS]) > 0,
    };
    write_worth(&chooser, in);
    return pick(known & terms->voluntary, ordered, terms->firing, &chooser, in);
}

void choose_retrofits(const District *in) {
    const Behaviour *rules = in->behaviour;
    bool orders = in->mechanisms->orders > 0.0;
    double limits = in->policy->emission_limits_coverage + in->policy->emission_limits_offset;
    double chance = 1.0 - exponential(0.25 / rules->implementation_years * logarithm(1.0 - rules->implemented_share));
    Terms terms = {.firing = chance, .limits = bounded(limits, 1.0)};
    terms.inspection = orders && in->policy->efficiency_benchmark_coverage > 0.0;
    for (int option = 0; option < N_OPTIONS; option++) {
        const Offer *offer = &in->options[option];
        int64_t bit = (int64_t)1 << option;
        if (offer->product_line) terms.lines |= bit;
        if (!offer->mandate_only && !offer->product_line) terms.voluntary |= bit;
        if (orders && offer->mandate_only && offer->abatement) terms.mandated |= bit;
    }
    write_loan_terms(in);
    for (int row = 0; row < in->n_firms; row++) {
        Proposals *proposal = &in->proposals[row];
        proposal->option = -1;
        proposal->penalty = 0;
        proposal->saving = 0;
        proposal->reason = NONE;
        if (in->standing[row].active) proposal->reason = (int8_t)choose_one(row, &terms, in);
    }
}
