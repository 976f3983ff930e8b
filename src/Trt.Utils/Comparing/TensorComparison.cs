using System.Collections.Immutable;
using System.Globalization;
using Trt.Interop;

namespace Trt.Utils;

/// <summary>How far a tensor is from a reference, element by element, and whether that is near enough.</summary>
/// <remarks>
/// Element types may differ: values are compared as doubles, which is exact for all types but integers beyond 2⁵³. Text, and types that arithmetic is not done with, are compared for equality
/// and have no measures.
/// </remarks>
public sealed class TensorComparison
{
    private const double Tiny = 2.2204460492503131e-16; // what stands for a reference of 0 in a relative difference, as in Polygraphy

    private TensorComparison(OnnxTensor reference, OnnxTensor other, ComparisonRule rule)
    {
        Rule = rule;
        ReferenceType = reference.ElementType;
        ReferenceShape = reference.Dims;
        OtherType = other.ElementType;
        OtherShape = other.Dims;
        ElementCount = reference.ElementCount;
    }

    /// <summary>The rule that was applied.</summary>
    public ComparisonRule Rule { get; }

    /// <summary>The reference's element type.</summary>
    public OnnxElementType ReferenceType { get; }

    /// <summary>The reference's extents.</summary>
    public ImmutableArray<long> ReferenceShape { get; }

    /// <summary>The other tensor's element type.</summary>
    public OnnxElementType OtherType { get; }

    /// <summary>The other tensor's extents.</summary>
    public ImmutableArray<long> OtherShape { get; }

    /// <summary>Number of the reference's elements.</summary>
    public long ElementCount { get; }

    /// <summary>Whether they agree.</summary>
    public bool Passed => Reason is null;

    /// <summary>Why they do not agree, as the rest of a sentence that begins with a tensor's name; null where they do.</summary>
    public string? Reason { get; private set; }

    /// <summary>The reference's elements; null where there are no measures.</summary>
    public TensorStatistics? Reference { get; private set; }

    /// <summary>The other tensor's elements; null where there are no measures.</summary>
    public TensorStatistics? Other { get; private set; }

    /// <summary>|other − reference|; null where there are no measures.</summary>
    public ErrorStatistics? Absolute { get; private set; }

    /// <summary>|other − reference| / |reference|, where a reference of 0 counts as 2.2·10⁻¹⁶; null where there are no measures.</summary>
    public ErrorStatistics? Relative { get; private set; }

    /// <summary>Cosine of the angle between both; 1 where both are zero.</summary>
    public double Cosine { get; private set; } = double.NaN;

    /// <summary>10·log₁₀(Σ reference² / Σ difference²) in decibels; infinite where they are equal.</summary>
    public double Snr { get; private set; } = double.NaN;

    /// <summary>10·log₁₀(range² / mean of difference²) in decibels, with the range from the reference's least to its greatest element.</summary>
    public double Psnr { get; private set; } = double.NaN;

    /// <summary>How many elements are beyond the tolerances of <see cref="ComparisonCheck.Elementwise"/>, or of <see cref="ComparisonCheck.AllClose"/> where that is the rule.</summary>
    public long BeyondCount { get; private set; }

    /// <summary>The element that is farthest off, where the last axis is fastest: the one with the greatest absolute difference of those beyond the tolerances, or of all where none is; −1 where there is none.</summary>
    public long WorstIndex { get; private set; } = -1;

    /// <summary>The reference's value there.</summary>
    public double WorstReference { get; private set; } = double.NaN;

    /// <summary>The other tensor's value there.</summary>
    public double WorstOther { get; private set; } = double.NaN;

    /// <summary>Coordinates of <see cref="WorstIndex"/>, outermost axis first; empty for a scalar.</summary>
    public ImmutableArray<long> WorstCoordinates => Coordinates(WorstIndex);

    /// <summary>Compares.</summary>
    /// <param name="reference">What is right.</param>
    /// <param name="other">What is to agree with it.</param>
    /// <param name="rule">When they agree; null for the defaults.</param>
    /// <exception cref="NotSupportedException">There are more elements than an array holds.</exception>
    public static TensorComparison Of(OnnxTensor reference, OnnxTensor other, ComparisonRule? rule = null)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(other);
        TensorComparison comparison = new(reference, other, rule ?? new ComparisonRule());
        if (!reference.Dims.AsSpan().SequenceEqual(other.Dims.AsSpan()))
        {
            comparison.Reason = $"has shape {ShapeRange.Text(other.Dims)} where {ShapeRange.Text(reference.Dims)} is expected";
        }

        double[]? wanted = TensorElements.Of(reference), actual = TensorElements.Of(other);
        comparison.Reference = wanted is null ? null : TensorStatistics.Of(wanted);
        comparison.Other = actual is null ? null : TensorStatistics.Of(actual);
        if (comparison.Reason is not null)
        {
            return comparison;
        }

        if (wanted is not null && actual is not null)
        {
            comparison.Measure(wanted, actual);
        }
        else if (reference.ElementType != other.ElementType)
        {
            comparison.Reason = $"is {other.ElementType} where {reference.ElementType} is expected";
        }
        else if (reference.ElementType == OnnxElementType.String ? !reference.Strings.SequenceEqual(other.Strings) : !reference.AsBytes().SequenceEqual(other.AsBytes()))
        {
            comparison.Reason = "has other elements";
        }

        return comparison;
    }

    /// <summary>|other − reference| of each element, for histograms; NaN where one is NaN, or both are infinite with one sign.</summary>
    /// <param name="reference">What is right.</param>
    /// <param name="other">A tensor with as many elements.</param>
    /// <exception cref="ArgumentException">The numbers of elements differ.</exception>
    /// <exception cref="NotSupportedException">Arithmetic is not done with a type.</exception>
    public static double[] AbsoluteDifferences(OnnxTensor reference, OnnxTensor other)
    {
        double[] wanted = TensorElements.Required(reference), actual = TensorElements.Required(other);
        if (wanted.Length != actual.Length)
        {
            throw new ArgumentException($"{other} and {reference} have different numbers of elements.", nameof(other));
        }

        for (int i = 0; i < wanted.Length; i++)
        {
            wanted[i] = Math.Abs(actual[i] - wanted[i]);
        }

        return wanted;
    }

    /// <summary>Coordinates of an element, outermost axis first.</summary>
    /// <param name="index">The element, where the last axis is fastest.</param>
    public ImmutableArray<long> Coordinates(long index)
    {
        long[] coordinates = new long[ReferenceShape.Length];
        for (int axis = coordinates.Length - 1; axis >= 0 && index >= 0; axis--)
        {
            (index, coordinates[axis]) = Math.DivRem(index, Math.Max(ReferenceShape[axis], 1));
        }

        return [.. coordinates];
    }

    /// <summary>Such as <c>agrees, at most 1e-07 off</c>, or why they do not.</summary>
    public override string ToString() => Reason ?? (Absolute is null ? "is equal" : string.Create(CultureInfo.InvariantCulture, $"agrees, at most {Absolute.Max:g3} off"));

    private void Measure(double[] wanted, double[] actual)
    {
        double[] absolute = new double[wanted.Length], relative = new double[wanted.Length];
        double product = 0, signal = 0, square = 0, noise = 0;
        long worst = -1;
        bool worstIsBeyond = false;
        for (int i = 0; i < wanted.Length; i++)
        {
            double right = wanted[i], value = actual[i];
            double difference = IsSame(right, value) ? 0 : Math.Abs(value - right);
            absolute[i] = difference;
            relative[i] = difference == 0 ? 0 : difference / Math.Max(Math.Abs(right), Tiny);
            if (double.IsFinite(right) && double.IsFinite(value))
            {
                product += right * value;
                square += value * value;
            }
            else if (difference != 0)
            {
                product = double.NaN;
            }

            signal += double.IsFinite(right) ? right * right : 0;
            noise += difference * difference;
            bool beyond = Rule.Check == ComparisonCheck.AllClose
                ? !(difference <= Rule.Absolute + (Rule.Relative * Math.Abs(right))) || double.IsInfinity(difference)
                : !(difference <= Rule.Absolute) && !(relative[i] <= Rule.Relative);
            BeyondCount += beyond ? 1 : 0;
            if (worst < 0 || (beyond && !worstIsBeyond) || (beyond == worstIsBeyond && IsWorse(difference, absolute[worst])))
            {
                (worst, worstIsBeyond) = (i, beyond);
            }
        }

        WorstIndex = worst;
        if (worst >= 0)
        {
            (WorstReference, WorstOther) = (wanted[worst], actual[worst]);
        }

        Cosine = signal == 0 && square == 0 && noise == 0 ? 1 : signal == 0 || square == 0 ? product * 0 : Math.Clamp(product / (Math.Sqrt(signal) * Math.Sqrt(square)), -1, 1);
        Snr = noise == 0 ? double.PositiveInfinity : 10 * Math.Log10(signal / noise);
        double range = Reference!.Max - Reference.Min;
        Psnr = noise == 0 ? double.PositiveInfinity : 10 * Math.Log10(range * range * wanted.Length / noise);
        Absolute = ErrorStatistics.Of(absolute, Rule.Quantile);
        Relative = ErrorStatistics.Of(relative, Rule.Quantile);
        Reason = Judge();
    }

    private bool IsSame(double right, double value) => double.IsNaN(right) || double.IsNaN(value)
        ? Rule.NaNsAreEqual && double.IsNaN(right) && double.IsNaN(value)
        : right == value && (double.IsFinite(right) || Rule.InfinitiesAreEqual);

    private static bool IsWorse(double difference, double than) => double.IsNaN(difference) ? !double.IsNaN(than) : difference > than;

    private string? Judge()
    {
        if (Rule.Check is ComparisonCheck.Elementwise or ComparisonCheck.AllClose)
        {
            return BeyondCount == 0 ? null : Text($"has {BeyondCount} of {ElementCount} elements beyond the tolerances; {Where()}");
        }

        // The measures below are of numbers; what is none has no place in them.
        if (double.IsNaN(Absolute!.Mean) || double.IsNaN(Cosine))
        {
            return $"has elements that are not finite; {Where()}";
        }

        return Rule.Check switch
        {
            ComparisonCheck.Max => Within("greatest", Absolute.Max, Relative!.Max),
            ComparisonCheck.Mean => Within("mean", Absolute.Mean, Relative!.Mean),
            ComparisonCheck.Median => Within("median", Absolute.Median, Relative!.Median),
            ComparisonCheck.Quantile => Within(Text($"{Rule.Quantile:g3} quantile of"), Absolute.Quantile, Relative!.Quantile),
            ComparisonCheck.Cosine => AtLeast("cosine", Cosine, Rule.MinCosine, string.Empty),
            ComparisonCheck.Snr => AtLeast("signal-to-noise ratio", Snr, Rule.MinSnr, " dB"),
            _ => AtLeast("peak signal-to-noise ratio", Psnr, Rule.MinPsnr, " dB"),
        };
    }

    private string? Within(string measure, double absolute, double relative) => absolute <= Rule.Absolute || relative <= Rule.Relative
        ? null
        : Text($"has {measure} differences of {absolute:g3} (absolute) and {relative:g3} (relative), beyond {Rule.Absolute:g3} and {Rule.Relative:g3}; {Where()}");

    private string? AtLeast(string measure, double value, double least, string unit) => value >= least ? null : Text($"has a {measure} of {value:g4}{unit}, below {least:g4}{unit}; {Where()}");

    private string Where() => Text($"worst [{string.Join(", ", WorstCoordinates)}]: {WorstOther:g7} where {WorstReference:g7} is expected");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
