namespace Trt.Utils;

/// <summary>What a conversion between element types may do to values.</summary>
public enum ConversionRule
{
    /// <summary>
    /// Values are rounded to the nearest that the type has, ties to even. Refused is what would lose a value: a number that would become infinite, one other than 0 that would become
    /// 0, and for integers a fraction or a number out of range.
    /// </summary>
    Rounded,

    /// <summary>Every value must be represented exactly.</summary>
    Exact,

    /// <summary>Numbers beyond the type's range become its largest, too small ones 0, fractions are rounded for integers, and not-a-number becomes 0 for integers.</summary>
    Lossy,
}
