namespace Trt.Utils;

/// <summary>A box turned about its middle, ready to be compared with others. As Turned in native/kernels/boxes.cu.</summary>
internal readonly struct TurnedBox
{
    private readonly double x, y, halfWidth, halfHeight, sine, cosine;

    /// <param name="left">Left, before it is turned.</param>
    /// <param name="top">Top.</param>
    /// <param name="right">Right.</param>
    /// <param name="bottom">Bottom.</param>
    /// <param name="turn">The numbers behind them: an angle, or sine and cosine.</param>
    public TurnedBox(float left, float top, float right, float bottom, ReadOnlySpan<float> turn)
    {
        halfWidth = ((double)right - left) / 2;
        halfHeight = ((double)bottom - top) / 2;
        x = ((double)left + right) / 2;
        y = ((double)top + bottom) / 2;
        if (turn.Length == 1)
        {
            (sine, cosine) = DeviceNumbers.Turn(turn[0]);
            return;
        }

        double s = turn[0], c = turn[1];
        double length = Math.Sqrt((s * s) + (c * c));
        (sine, cosine) = length == 0 ? (0, 1) : (s / length, c / length);
    }

    /// <summary>
    /// Intersection over union. The intersection is what lies below the other box's edges, each cut to this box, in whose frame they are: going round,
    /// what lies below the lower edges is taken away again.
    /// </summary>
    public double Overlap(in TurnedBox other)
    {
        double dx = other.x - x, dy = other.y - y;
        double reach = Math.Sqrt((halfWidth * halfWidth) + (halfHeight * halfHeight)) + Math.Sqrt((other.halfWidth * other.halfWidth) + (other.halfHeight * other.halfHeight));
        if (!((dx * dx) + (dy * dy) < reach * reach && halfWidth > 0 && halfHeight > 0 && other.halfWidth > 0 && other.halfHeight > 0))
        {
            return 0;
        }

        double middleX = (dx * cosine) + (dy * sine);
        double middleY = (dy * cosine) - (dx * sine);
        double c = (other.cosine * cosine) + (other.sine * sine);
        double s = (other.sine * cosine) - (other.cosine * sine);
        double ux = other.halfWidth * c, uy = other.halfWidth * s;
        double vx = other.halfHeight * s, vy = other.halfHeight * c;
        double x0 = middleX - ux + vx, y0 = middleY - uy - vy;
        double x1 = middleX + ux + vx, y1 = middleY + uy - vy;
        double x2 = middleX + ux - vx, y2 = middleY + uy + vy;
        double x3 = middleX - ux - vx, y3 = middleY - uy + vy;
        double both = Below(x2, y2, x3, y3) + Below(x3, y3, x0, y0) + Below(x0, y0, x1, y1) + Below(x1, y1, x2, y2);
        both = both < 0 ? -both : both;
        double quotient = both / ((4 * ((halfWidth * halfHeight) + (other.halfWidth * other.halfHeight))) - both);
        return quotient > 0 ? quotient : 0;
    }

    private static double Within(double value, double bound) => value < -bound ? -bound : value > bound ? bound : value;

    private static double Above(double value, double bound) => value > bound ? value - bound : 0;

    /// <summary>The integral over x of y kept within this box, along the part of an edge between its left and right side.</summary>
    private double Below(double x0, double y0, double x1, double y1)
    {
        double from = Within(x0, halfWidth), to = Within(x1, halfWidth);
        if (from == to)
        {
            return 0;
        }

        double slope = (y1 - y0) / (x1 - x0);
        double ya = from == x0 ? y0 : y0 + (slope * (from - x0));
        double yb = to == x1 ? y1 : y0 + (slope * (to - x0));
        double low = ya < yb ? ya : yb, high = ya < yb ? yb : ya;
        double lowest = Within(low, halfHeight), highest = Within(high, halfHeight);
        double mean = lowest;
        if (high > low)
        {
            double over = Above(high, halfHeight) - Above(low, halfHeight);
            double under = Above(-low, halfHeight) - Above(-high, halfHeight);
            mean = (((highest - lowest) * (highest + lowest) / 2) + (over * halfHeight) - (under * halfHeight)) / (high - low);
        }

        return (to - from) * mean;
    }
}
