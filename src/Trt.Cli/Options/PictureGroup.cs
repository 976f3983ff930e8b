using System.CommandLine;
using System.Globalization;
using Trt.Utils;

namespace Trt.Cli;

/// <summary>How pictures become the values of an input.</summary>
internal static class PictureGroup
{
    private static readonly Option<string?> Resize = new("--resize")
    {
        Description = "How pictures get the model's size: stretch (default), letterbox (keep the ratio, grey around), crop (keep the ratio, cut out the middle; crop:256 makes the shorter side 256 first), none (refuse others).",
        HelpName = "HOW",
    };

    private static readonly Option<bool> Letterbox = new("--letterbox") { Description = "The same as --resize letterbox." };

    private static readonly Option<string?> Size = new("--size") { Description = "The size where the model leaves it open.", HelpName = "WIDTHxHEIGHT" };

    private static readonly Option<string?> Scale = new("--scale") { Description = "What pixels are multiplied by first: 1/255 (default, 0 to 1), 1 (0 to 255). Whole-number inputs get pixels as they are.", HelpName = "FACTOR" };

    private static readonly Option<string?> Mean = new("--mean") { Description = "What is taken off then: one number, or one a channel.", HelpName = "M[,M,M]" };

    private static readonly Option<string?> Deviation = new("--std") { Description = "What is divided by at last: one number, or one a channel.", HelpName = "S[,S,S]" };

    private static readonly Option<bool> ImageNet = new("--imagenet") { Description = "--mean 0.485,0.456,0.406 --std 0.229,0.224,0.225, as torchvision's models want it." };

    private static readonly Option<bool> Bgr = new("--bgr") { Description = "Blue first, red last." };

    private static readonly Option<string?> Layout = new("--layout") { Description = "Where the model has its channels: nchw or nhwc. Without it, wherever there are 1, 3 or 4.", HelpName = "nchw|nhwc" };

    public static void AddTo(Command command)
    {
        foreach (Option option in new Option[] { Resize, Letterbox, Size, Scale, Mean, Deviation, ImageNet, Bgr, Layout })
        {
            command.Options.Add(option);
        }
    }

    /// <exception cref="UserError">A value is none; the message says what would be right.</exception>
    public static PictureSettings Read(ParseResult parsed)
    {
        string how = parsed.GetValue(Resize) ?? (parsed.GetValue(Letterbox) ? "letterbox" : "stretch");
        int shorter = 0;
        if (how.StartsWith("crop:", StringComparison.OrdinalIgnoreCase))
        {
            shorter = int.TryParse(how[5..], NumberStyles.None, CultureInfo.InvariantCulture, out int side) && side is > 0 and <= 1 << 15 ? side : throw Wrong(Resize, how, "crop:N has the shorter side's length, as in crop:256");
            how = "crop";
        }

        return new PictureSettings
        {
            Fit = how.ToLowerInvariant() switch
            {
                "stretch" => PictureFit.Stretch,
                "letterbox" => PictureFit.Letterbox,
                "crop" => PictureFit.Crop,
                "none" => PictureFit.None,
                _ => throw Wrong(Resize, how, "what is wanted is stretch, letterbox, crop, crop:N or none"),
            },
            ShorterSide = shorter,
            Size = parsed.GetValue(Size) is { } size ? ReadSize(size) : null,
            Scaling = ReadScaling(parsed),
            Layout = parsed.GetValue(Layout)?.ToLowerInvariant() switch
            {
                null => null,
                "nchw" or "chw" => TensorLayout.ChannelsFirst,
                "nhwc" or "hwc" => TensorLayout.ChannelsLast,
                { } other => throw Wrong(Layout, other, "what is wanted is nchw or nhwc"),
            },
        };
    }

    private static PixelScaling? ReadScaling(ParseResult parsed)
    {
        bool imageNet = parsed.GetValue(ImageNet);
        if (!imageNet && !parsed.GetValue(Bgr) && parsed.GetValue(Scale) is null && parsed.GetValue(Mean) is null && parsed.GetValue(Deviation) is null)
        {
            return null;
        }

        PixelScaling scaling = imageNet ? PixelScaling.ImageNet : PixelScaling.ZeroToOne;
        scaling = scaling with { Bgr = parsed.GetValue(Bgr) };
        if (parsed.GetValue(Scale) is { } factor)
        {
            scaling = scaling with { Divisor = Divisor(factor) };
        }

        if (parsed.GetValue(Mean) is { } mean)
        {
            scaling = scaling with { Mean = [.. Numbers(Mean, mean)] };
        }

        if (parsed.GetValue(Deviation) is { } deviation)
        {
            scaling = scaling with { Deviation = [.. Numbers(Deviation, deviation)] };
        }

        return scaling.Deviation.Contains(0) ? throw Wrong(Deviation, parsed.GetValue(Deviation)!, "nothing can be divided by 0") : scaling;
    }

    private static float Divisor(string text)
    {
        bool isFraction = text.StartsWith("1/", StringComparison.Ordinal);
        return float.TryParse(isFraction ? text[2..] : text, NumberStyles.Float, CultureInfo.InvariantCulture, out float number) && number > 0 && float.IsFinite(number)
            ? isFraction ? number : 1 / number
            : throw Wrong(Scale, text, "what is wanted is a factor such as 1/255, 0.00784 or 1");
    }

    private static float[] Numbers(Option option, string text)
    {
        string[] parts = text.Split(',', StringSplitOptions.TrimEntries);
        float[] numbers = new float[parts.Length];
        return parts.Length is 1 or 3 or 4 && parts.Index().All(part => float.TryParse(part.Item, NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[part.Index]) && float.IsFinite(numbers[part.Index]))
            ? numbers
            : throw Wrong(option, text, "what is wanted is one number, or one a channel with commas between");
    }

    private static (int Width, int Height) ReadSize(string text)
    {
        string[] parts = text.Split('x', 'X');
        return parts.Length == 2 && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int width) && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int height)
            && width is > 0 and <= 1 << 15 && height is > 0 and <= 1 << 15
            ? (width, height)
            : throw Wrong(Size, text, "what is wanted is WIDTHxHEIGHT, as in 640x480");
    }

    private static UserError Wrong(Option option, string text, string wanted) => new($"{option.Name} {text}: {wanted}.", ExitCode.Usage);
}
