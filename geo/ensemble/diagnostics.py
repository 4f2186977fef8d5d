"""Whether a chain has walked far enough: autocorrelation, effective size, agreement.

Gelman et al., Bayesian Data Analysis 3, 11.4–11.5; Geyer 1992; Vehtari et al. 2021.
"""

import numpy as np

from geo.arrays import Float


def autocorrelation(chain: Float) -> Float:
    """ρ at lags 0..n-1 of one chain (n); 1, 0, 0, … where it never moves."""
    n = len(chain)
    centred = chain - chain.mean()
    spectrum = np.fft.rfft(centred, 2 * n)
    found = np.fft.irfft(spectrum * np.conj(spectrum), 2 * n)[:n] / n
    if found[0] <= 1e-300:
        return np.append(1.0, np.zeros(n - 1))
    return np.asarray(found / found[0])


def halves(chains: Float) -> Float:
    """Each of the chains (m, n) as its first and second half, (2m, n // 2)."""
    half = chains.shape[1] // 2
    return np.concatenate([chains[:, :half], chains[:, chains.shape[1] - half :]])


def r_hat(chains: Float) -> float:
    """Split R̂ of chains (m, n): 1 where all halves agree; NaN for fewer than 4 maps each."""
    if chains.shape[1] < 4:
        return float("nan")
    split = halves(chains)
    n = split.shape[1]
    within = float(split.var(axis=1, ddof=1).mean())
    between = n * float(split.mean(axis=1).var(ddof=1))
    if within <= 1e-300:
        return 1.0 if between <= 1e-300 else float("inf")
    return float(np.sqrt(((n - 1) / n * within + between / n) / within))


def effective_size(chains: Float) -> float:
    """How many independent maps the chains (m, n) are worth, at most m·n.

    Sums of neighbouring autocorrelations are taken as long as they are positive and made monotone
    (Geyer); the chains' disagreement counts as correlation.
    """
    if chains.shape[1] < 4:
        return float("nan")
    split = halves(chains)
    m, n = split.shape
    variance = split.var(axis=1, ddof=1)
    within = float(variance.mean())
    pooled = (n - 1) / n * within + float(split.mean(axis=1).var(ddof=1))
    if pooled <= 1e-300:
        return float(m * n)
    rho = np.stack([autocorrelation(chain) for chain in split])
    own = 1 - (within - (variance[:, None] * (n - 1) / n * rho).mean(axis=0)) / pooled
    pairs = own[: n - n % 2].reshape(-1, 2).sum(axis=1)
    stop = int(np.argmax(pairs <= 0)) if (pairs <= 0).any() else len(pairs)
    tau = -1 + 2 * float(np.minimum.accumulate(pairs[: max(stop, 1)]).sum())
    return float(m * n / max(tau, 1.0))
