namespace Trt.Lite;

/// <summary>A colour of 8 bits a channel.</summary>
/// <param name="Red">Red.</param>
/// <param name="Green">Green.</param>
/// <param name="Blue">Blue.</param>
public readonly record struct Colour(byte Red, byte Green, byte Blue)
{
    /// <summary>Grey.</summary>
    /// <param name="level">0, black, to 255, white.</param>
    public static Colour Grey(byte level) => new(level, level, level);
}
